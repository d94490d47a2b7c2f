//! Removes from wasm-bindgen's glue the code that the browser and edge artifacts do not need,
//! because they use few features and do not support old engines. The build stops if the glue does
//! not contain the expected text.
use crate::shell::Result;
use walrus::{ExportItem, Module, ValType};

/// Passes a text to the module in one of two ways: copies an ASCII text, or encodes any other text
/// and copies the bytes. wasm-bindgen's own function has three ways.
const PASS_STRING: &str = "function passStringToWasm0(arg, malloc) {
    let len = 0;
    while (arg.charCodeAt(len) < 128) len++;
    const buf = len < arg.length && new TextEncoder().encode(arg);
    if (buf) len = buf.length;
    const ptr = malloc(len, 1) >>> 0;
    const mem = getUint8ArrayMemory0();
    if (buf) mem.set(buf, ptr);
    else for (let i = 0; i < len; i++) mem[ptr + i] = arg.charCodeAt(i);
    WASM_VECTOR_LEN = len;
    return ptr;
}
";
/// The end of the code that [`PASS_STRING`] replaces.
const PASS_STRING_END: &str = "WASM_VECTOR_LEN = offset;
                    return ptr;
                }
";

/// Creates the text decoder on demand instead of at import. An engine without WebAssembly, such as
/// React Native's Hermes, may also lack `TextDecoder`. Even then, the import must succeed, so that
/// a call can fail with the message of load.js. A decoder of Safari fails after it has decoded 2
/// GiB, so the code creates a new decoder before that.
const DECODE: &str = "let cachedTextDecoder;
let decodable = -1;
function decodeText(bytes) {
    decodable -= bytes.length;
    if (decodable < 0) {
        cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
        decodable = 2e9;
    }
    return cachedTextDecoder.decode(bytes);
}
";
/// The end of the code that [`DECODE`] replaces.
const DECODE_END: &str = "return cachedTextDecoder.decode(bytes);
                        }
";

/// Creates a view for each use instead of keeping one, because the module needs a view only when an
/// imported function returns a text.
const VIEW: &str = "function getDataViewMemory0() {
    return new DataView(getUint8ArrayMemory0().buffer);
}
";

const REALLOC: &str = "__wbindgen_realloc";

/// The exports that only a module with a table of references needs.
const REFERENCES: [&str; 2] = ["__wbindgen_externrefs", "__wbindgen_start"];

/// Removes unneeded code from the glue, and unneeded exports from the module. Returns the new glue.
pub(crate) fn trim(module: &mut Module, glue: &str) -> Result<String> {
    let mut glue = replace(
        glue,
        "function passStringToWasm0(",
        PASS_STRING_END,
        PASS_STRING,
    )?;
    glue = replace(&glue, "const cachedTextEncoder = ", "\n", "")?;
    glue = replace(&glue, "let cachedTextDecoder = ", DECODE_END, DECODE)?;
    glue = replace(
        &glue,
        "function getDataViewMemory0(",
        "\n                }\n",
        VIEW,
    )?;
    glue = glue.replace(&format!(", wasm.{REALLOC})"), ")");
    let mut unneeded = vec![REALLOC];
    if !uses_references(module) {
        glue = replace(
            &glue,
            "export function __wbindgen_init_externref_table(",
            "\n}\n",
            "",
        )?;
        unneeded.extend(REFERENCES);
    }
    if let Some(name) = unneeded
        .iter()
        .find(|name| glue.contains(&format!("wasm.{name}")))
    {
        return Err(format!(
            "The glue still uses `{name}`: adapt xtask/src/glue.rs."
        ));
    }
    unneeded
        .into_iter()
        .try_for_each(|name| remove(module, name))?;
    Ok(glue)
}

/// Returns whether any function takes or returns a reference.
fn uses_references(module: &Module) -> bool {
    let is_reference = |value: &ValType| matches!(value, ValType::Ref(_));
    module.types.iter().any(|function| {
        function
            .params()
            .iter()
            .chain(function.results())
            .any(is_reference)
    })
}

/// Removes an export. If the export is an imported function, also removes the import.
fn remove(module: &mut Module, name: &str) -> Result {
    let missing = || format!("wasm-bindgen generated no `{name}`: adapt xtask/src/glue.rs.");
    let export = module
        .exports
        .iter()
        .find(|export| export.name == name)
        .ok_or_else(missing)?;
    let (export, item) = (export.id(), export.item);
    module.exports.delete(export);
    if let ExportItem::Function(function) = item {
        if let Some(import) = module
            .imports
            .get_imported_func(function)
            .map(|import| import.id())
        {
            module.imports.delete(import);
            module.funcs.delete(function);
        }
    }
    Ok(())
}

/// Replaces the text from `start` to the next `end`, including both. `start` must occur exactly
/// once.
fn replace(glue: &str, start: &str, end: &str, replacement: &str) -> Result<String> {
    let missing =
        || format!("wasm-bindgen generates `{start}` differently now: adapt xtask/src/glue.rs.");
    let (before, rest) = glue.split_once(start).ok_or_else(missing)?;
    let (_, after) = rest.split_once(end).ok_or_else(missing)?;
    if after.contains(start) {
        return Err(missing());
    }
    Ok(format!("{before}{replacement}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn replaces_a_whole_function_that_occurs_once() {
        let glue = "let a;\nfunction f(x) {\n  if (x) {\n  }\n}\nfunction g() {\n}\n";
        assert_eq!(
            replace(glue, "function f(", "\n}\n", "F;\n"),
            Ok("let a;\nF;\nfunction g() {\n}\n".into())
        );
        assert!(replace(glue, "function h(", "\n}\n", "").is_err());
        assert!(replace(glue, "function ", "\n}\n", "").is_err());
        assert!(replace(glue, "function g(", "\n};\n", "").is_err());
    }
}
