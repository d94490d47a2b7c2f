//! Reads compiled modules: removes their names and debug information, and measures their functions.
use crate::shell::Result;
use std::collections::HashMap;
use wasmparser::{KnownCustom, Name, Parser, Payload};

fn describe_read_error(error: wasmparser::BinaryReaderError) -> String {
    format!("A module of this build could not be read: {error}.")
}

/// Returns the module without custom sections, such as names, debug information and producers.
/// Copies all other sections unchanged, so that the package ships exactly the functions that
/// [`list_functions`] finds in the named module.
pub(crate) fn remove_custom_sections(module: &[u8]) -> Result<Vec<u8>> {
    let mut kept = module
        .get(..8)
        .ok_or("A module of this build is empty.")?
        .to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(describe_read_error)?;
        if matches!(payload, Payload::CustomSection(_)) {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            kept.push(id);
            write_leb128(&mut kept, range.len());
            kept.extend_from_slice(module.get(range).unwrap_or_default());
        }
    }
    Ok(kept)
}

fn write_leb128(into: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        into.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// Returns a function's name without the hashes that distinguish two versions of a crate: turns
/// `core[c5930c85a12de822]::fmt` into `core::fmt`, and `spawn::h332025d848aac39a` into `spawn`.
fn remove_hashes(name: &str) -> String {
    let is_hash =
        |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pieces = name
        .split('[')
        .enumerate()
        .map(|(at, piece)| match piece.split_once(']') {
            Some((hash, rest)) if at > 0 && is_hash(hash) => rest.to_owned(),
            _ if at > 0 => format!("[{piece}"),
            _ => piece.to_owned(),
        });
    let name: String = pieces.collect();
    match name.rsplit_once("::h") {
        Some((name, hash)) if is_hash(hash) => name.to_owned(),
        _ => name,
    }
}

/// Returns the functions with their sizes in bytes, largest first, and the size of the data
/// section.
pub(crate) fn list_functions(module: &[u8]) -> Result<(Vec<(usize, String)>, usize)> {
    let (mut imported, mut sizes, mut names, mut data) = (0, Vec::new(), HashMap::new(), 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(describe_read_error)? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += usize::from(matches!(
                        import.map_err(describe_read_error)?.ty,
                        wasmparser::TypeRef::Func(_)
                    ));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::DataSection(section) => data = section.range().len(),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(subsections) = section.as_known() else {
                    continue;
                };
                for subsection in subsections {
                    let Name::Function(map) = subsection.map_err(describe_read_error)? else {
                        continue;
                    };
                    for naming in map {
                        let naming = naming.map_err(describe_read_error)?;
                        names.insert(naming.index as usize, remove_hashes(naming.name));
                    }
                }
            }
            _ => {}
        }
    }
    let name = |index| {
        names
            .remove(&index)
            .unwrap_or_else(|| format!("(created by wasm-opt, number {index})"))
    };
    let mut functions: Vec<(usize, String)> =
        sizes.into_iter().zip((imported..).map(name)).collect();
    functions.sort_by(|one, other| other.cmp(one));
    Ok((functions, data))
}

#[cfg(test)]
mod tests {
    use super::remove_hashes;

    #[test]
    fn removes_only_hashes_from_names() {
        assert_eq!(
            remove_hashes("<core[c5930c85a12de822]::fmt::Formatter>::pad"),
            "<core::fmt::Formatter>::pad"
        );
        assert_eq!(
            remove_hashes("js_sys::futures::spawn::h332025d848aac39a"),
            "js_sys::futures::spawn"
        );
        assert_eq!(remove_hashes("<[u8]>::hash"), "<[u8]>::hash");
    }
}
