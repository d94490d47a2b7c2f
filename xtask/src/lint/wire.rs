//! Checks that JavaScript handles every effect that the session machine can return: each constant
//! of a table in [`COMPLETE`] must occur in the files that perform effects.
use crate::constants;
use crate::shell::{self, Result};
use social_plus_auth::session;
use social_plus_auth::wire::Table;

/// The names of the tables in `src/session/wire.rs` whose codes JavaScript must all use.
const COMPLETE: [&str; 1] = ["EffectCode"];

const FOLDER: &str = "pkg-template/shared";

pub(super) fn check() -> Result<usize> {
    let mut code = String::new();
    for name in shell::list_files(FOLDER)? {
        if name.starts_with("session-") && name.ends_with(".js") {
            code.push_str(&shell::read_text(format!("{FOLDER}/{name}"))?);
        }
    }
    let undeclared = find_undeclared(session::wire::TABLES);
    for table in &undeclared {
        println!("src/session/wire.rs: no table {table}");
    }
    let unused = find_unused(session::wire::TABLES, &code);
    for constant in &unused {
        println!("{FOLDER}/session-*.js: no case for {constant} (src/session/wire.rs)");
    }
    Ok(undeclared.len() + unused.len())
}

/// Returns the names in [`COMPLETE`] that no table has. Without this check, the codes of a renamed
/// table would go unchecked.
fn find_undeclared(tables: &[Table]) -> Vec<&'static str> {
    COMPLETE
        .into_iter()
        .filter(|name| !tables.iter().any(|table| table.name == *name))
        .collect()
}

/// Returns the constants of the tables in [`COMPLETE`] that do not occur in the code. An import
/// alone also counts as an occurrence, but eslint reports a constant that is imported and not used.
fn find_unused(tables: &[Table], code: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words: Vec<&str> = code.split(|letter| !is_part(letter)).collect();
    tables
        .iter()
        .filter(|table| COMPLETE.contains(&table.name))
        .flat_map(constants::constant_names)
        .filter(|constant| !words.contains(&constant.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{find_undeclared, find_unused};
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
        assert_eq!(
            find_unused(&TABLES, "case EFFECT_SEND_REVOKE:"),
            ["EFFECT_SEND"]
        );
    }

    #[test]
    fn codes_of_other_tables_may_be_unused() {
        let code = "case EFFECT_SEND: case EFFECT_SEND_REVOKE:";
        assert!(find_unused(&TABLES, code).is_empty());
    }

    #[test]
    fn a_renamed_table_is_reported() {
        assert!(find_undeclared(&TABLES).is_empty());
        assert_eq!(find_undeclared(&[]), ["EffectCode"]);
    }
}
