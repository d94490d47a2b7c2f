//! Takes out of the glue what wasm-bindgen writes for any module and any engine, and the small
//! artifacts do not need. A text that is no longer there as this version of wasm-bindgen writes it
//! stops the build.
use crate::shell::Result;
use walrus::{ExportItem, Module, ValType};

/// A text crosses in one of two ways instead of three: copied, or encoded and copied.
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
const PASS_STRING_END: &str = "WASM_VECTOR_LEN = offset;
                    return ptr;
                }
";

/// Coders are made when they are wanted: an engine without WebAssembly may lack them too (React
/// Native's Hermes), and is to get load.js's sentence from a call, no ReferenceError from an
/// import. Safari's decoders fail after 2 GiB.
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
const DECODE_END: &str = "return cachedTextDecoder.decode(bytes);
                        }
";

/// Good as long as the view of bytes is.
const VIEW: &str = "function getDataViewMemory0() {
    const { buffer } = getUint8ArrayMemory0();
    if (cachedDataViewMemory0?.buffer !== buffer) cachedDataViewMemory0 = new DataView(buffer);
    return cachedDataViewMemory0;
}
";

const REALLOC: &str = "__wbindgen_realloc";

/// What a module has for references, and what fills its table.
const REFERENCES: [&str; 2] = ["__wbindgen_externrefs", "__wbindgen_start"];

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
            "The glue still needs `{name}`: see xtask/src/glue.rs."
        ));
    }
    unneeded
        .into_iter()
        .try_for_each(|name| remove(module, name))?;
    Ok(glue)
}

/// Whether anything but numbers crosses.
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

/// Takes out an export, and the import that it only hands on.
fn remove(module: &mut Module, name: &str) -> Result {
    let missing = || format!("wasm-bindgen made no `{name}`: see xtask/src/glue.rs.");
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

/// Replaces what begins with `start` and ends with the next `end`, which must be there once.
fn replace(glue: &str, start: &str, end: &str, with: &str) -> Result<String> {
    let missing =
        || format!("wasm-bindgen writes `{start}` otherwise than it did: see xtask/src/glue.rs.");
    let (before, rest) = glue.split_once(start).ok_or_else(missing)?;
    let (_, after) = rest.split_once(end).ok_or_else(missing)?;
    if after.contains(start) {
        return Err(missing());
    }
    Ok(format!("{before}{with}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn a_function_is_replaced_whole_and_must_be_there_once() {
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
