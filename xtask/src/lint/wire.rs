//! JavaScript must handle every effect that the session machine can return: each constant of these
//! tables must appear in the files that perform effects.
use crate::constants;
use crate::shell::{self, Result};
use social_plus_auth::session;
use social_plus_auth::wire::Table;

/// The tables of `src/session/wire.rs` of which JavaScript must use every code.
const COMPLETE: [&str; 1] = ["EffectCode"];

const FOLDER: &str = "pkg-template/shared";

pub(super) fn check() -> Result<usize> {
    let mut code = String::new();
    for name in shell::list_files(FOLDER)? {
        if name.starts_with("session-") && name.ends_with(".js") {
            code.push_str(&shell::read_text(format!("{FOLDER}/{name}"))?);
        }
    }
    let undeclared = undeclared(session::wire::TABLES);
    for table in &undeclared {
        println!("src/session/wire.rs: no table {table}");
    }
    let unused = unused(session::wire::TABLES, &code);
    for constant in &unused {
        println!("{FOLDER}/session-*.js: no case for {constant} (src/session/wire.rs)");
    }
    Ok(undeclared.len() + unused.len())
}

/// Returns the complete tables that are not declared. A renamed table must not go unchecked.
fn undeclared(tables: &[Table]) -> Vec<&'static str> {
    COMPLETE
        .into_iter()
        .filter(|name| !tables.iter().any(|table| table.name == *name))
        .collect()
}

/// Returns the constants of the complete tables that the code does not mention. eslint reports a
/// constant that is imported but not used.
fn unused(tables: &[Table], code: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words: Vec<&str> = code.split(|letter| !is_part(letter)).collect();
    tables
        .iter()
        .filter(|table| COMPLETE.contains(&table.name))
        .flat_map(constants::names)
        .filter(|constant| !words.contains(&constant.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{undeclared, unused};
    use social_plus_auth::wire::Table;

    const TABLES: [Table; 2] = [
        Table {
            name: "EffectCode",
            codes: &[("Send", 0), ("SendRevoke", 1)],
        },
        Table {
            name: "Outcome",
            codes: &[("Fine", 0)],
        },
    ];

    #[test]
    fn an_effect_without_a_case_is_reported() {
        assert_eq!(unused(&TABLES, "case EFFECT_SEND_REVOKE:"), ["EFFECT_SEND"]);
    }

    #[test]
    fn other_tables_need_not_be_used_whole() {
        let code = "case EFFECT_SEND: case EFFECT_SEND_REVOKE:";
        assert!(unused(&TABLES, code).is_empty());
    }

    #[test]
    fn a_renamed_table_is_reported() {
        assert!(undeclared(&TABLES).is_empty());
        assert_eq!(undeclared(&[]), ["EffectCode"]);
    }
}
