//! Shortens the names that a module and its glue share. Both files contain names such as
//! `__wbg_queueMicrotask_1e8503a8a690f0a3`, whose hashes do not compress.
use std::collections::{HashMap, HashSet};
use walrus::Module;

/// Names that must not change, because JavaScript outside of the glue uses them: shared/load.js
/// starts the module, and measurements read its memory.
const FIXED_NAMES: [&str; 2] = ["__wbindgen_start", "memory"];

/// Makes the module import all functions from the glue. wasm-bindgen lets the module import some
/// functions directly from the crate's own JavaScript files. The glue now imports those functions,
/// and esbuild later bundles the files into the glue.
pub(crate) fn import_through_glue(module: &mut Module, glue: &mut String, glue_name: &str) {
    for (number, import) in module
        .imports
        .iter_mut()
        .enumerate()
        .filter(|(_, import)| import.module != glue_name)
    {
        let name = format!("__direct_{number}");
        glue.push_str(&format!(
            "\nimport {{ {} as {name} }} from '{}';\n",
            import.name, import.module
        ));
        (import.module, import.name) = (glue_name.to_owned(), name);
    }
}

/// Adds to the glue an object that contains all imports of the module. Without this object,
/// shared/load.js would have to import the namespace of the glue, and bundlers turn a namespace
/// into an object with a getter for every export.
pub(crate) fn collect_imports(module: &Module, glue: &mut String) {
    let imports = module.imports.iter().map(|import| import.name.as_str());
    let members: Vec<String> = imports
        .map(|name| take_function(glue, name).unwrap_or_else(|| name.to_owned()))
        .collect();
    glue.push_str(&format!(
        "\nexport const imports = {{\n{}\n}};\n",
        members.join(",\n")
    ));
}

/// Removes an exported function from the glue, and returns it in the form of a method. If the glue
/// does not export the function, or if other code in the glue refers to it, returns `None` and does
/// not change the glue.
fn take_function(glue: &mut String, name: &str) -> Option<String> {
    let (before, rest) = glue.split_once(&format!("export function {name}("))?;
    let is_balanced = |body: &str| body.matches('{').count() == body.matches('}').count();
    let (body, after) = rest
        .match_indices("}\n")
        .map(|(at, end)| rest.split_at(at + end.len()))
        .find(|(body, _)| is_balanced(body))?;
    let is_single = split_tokens(glue)
        .filter(|(_, token)| *token == name)
        .count()
        == 1;
    if !is_single || body.contains("\nexport ") {
        return None;
    }
    let method = format!("{name}({}", body.trim_end());
    *glue = format!("{before}{after}");
    Some(method)
}

/// Renames the imports and exports of the module, except the exports in [`FIXED_NAMES`], and
/// returns the matching glue.
pub(crate) fn shorten(module: &mut Module, glue: &str) -> String {
    let taken: HashSet<&str> = split_tokens(glue).map(|(_, token)| token).collect();
    let mut short = (0..)
        .map(to_identifier)
        .filter(|name| !taken.contains(name.as_str()));
    let mut imports = HashMap::new();
    for import in module.imports.iter_mut() {
        let old = std::mem::take(&mut import.name);
        import.name = imports
            .entry(old)
            .or_insert_with(|| short.next().unwrap_or_default())
            .clone();
    }
    let mut short = (0..).map(to_identifier);
    let mut exports = HashMap::new();
    for export in module
        .exports
        .iter_mut()
        .filter(|export| !FIXED_NAMES.contains(&export.name.as_str()))
    {
        let name = short.next().unwrap_or_default();
        exports.insert(std::mem::replace(&mut export.name, name.clone()), name);
    }
    rename(glue, &imports, &exports)
}

/// Renames the imports and exports in the glue. There, an import is a function of the same name,
/// and an export is a member of `wasm`.
fn rename(
    glue: &str,
    imports: &HashMap<String, String>,
    exports: &HashMap<String, String>,
) -> String {
    let mut renamed = String::with_capacity(glue.len());
    let mut end = 0;
    for (at, token) in split_tokens(glue) {
        let before = glue.get(..at).unwrap_or_default();
        let new = if before.ends_with("wasm.") {
            exports.get(token)
        } else {
            imports.get(token)
        };
        renamed.push_str(glue.get(end..at).unwrap_or_default());
        renamed.push_str(new.map_or(token, String::as_str));
        end = at + token.len();
    }
    renamed.push_str(glue.get(end..).unwrap_or_default());
    renamed
}

/// Returns the identifiers, keywords and numbers in a text, with their positions.
fn split_tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = text.as_ptr() as usize;
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "_$".contains(letter)))
        .filter(|token| !token.is_empty())
        .map(move |token| (token.as_ptr() as usize - start, token))
}

/// Returns a name for a number: `a` to `z`, then `aa` to `zz`, and so on.
fn to_identifier(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'a' + (number % 26) as u8));
        match number / 26 {
            0 => return letters.into_iter().rev().collect(),
            rest => number = rest - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{rename, split_tokens, take_function, to_identifier};
    use std::collections::HashMap;

    #[test]
    fn identifiers_become_longer_after_z() {
        assert_eq!(
            [0, 25, 26, 51, 52, 701, 702].map(to_identifier),
            ["a", "z", "aa", "az", "ba", "zz", "aaa"]
        );
    }

    #[test]
    fn a_function_becomes_a_method_unless_the_glue_calls_it() {
        let mut glue =
            "export function a(x) {\nif (x) {\nb();\n}\n}\nexport function b() {\nx();\n}\n"
                .to_owned();
        assert_eq!(take_function(&mut glue, "b"), None);
        let method = take_function(&mut glue, "a");
        assert_eq!(method.as_deref(), Some("a(x) {\nif (x) {\nb();\n}\n}"));
        assert_eq!(glue, "export function b() {\nx();\n}\n");
    }

    #[test]
    fn each_token_has_its_position_in_the_text() {
        assert_eq!(
            split_tokens("a.bc($d)").collect::<Vec<_>>(),
            [(0, "a"), (2, "bc"), (5, "$d")]
        );
    }

    #[test]
    fn renames_imports_and_the_exports_that_are_members_of_wasm() {
        let map = |from: &str, to: &str| HashMap::from([(from.to_owned(), to.to_owned())]);
        let glue = "export function __wbg_now_1() { \
                    return wasm.start(__wbg_now_1, __wbg_now_12, start, 'ä'); }";
        let expected = "export function a() { return wasm.b(a, __wbg_now_12, start, 'ä'); }";
        assert_eq!(
            rename(glue, &map("__wbg_now_1", "a"), &map("start", "b")),
            expected
        );
    }
}
