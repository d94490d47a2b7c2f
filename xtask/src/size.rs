//! `size`: compares the sizes of the entries with the limits in budgets.toml.
use crate::artifact::Artifact;
use crate::content::Check;
use crate::shell::{self, Result};
use crate::wasm;
use std::collections::BTreeMap;

/// The maximum number of functions that the report lists.
const MAX_FUNCTIONS: usize = 20;

/// The part, in the output of xtask/scripts/size.mjs, that a page loads on demand. The budget does
/// not include this part.
const LAZY: &str = "lazy";

#[derive(Default, Clone, Copy)]
struct Bytes {
    raw: u32,
    gzip: u32,
    brotli: u32,
}

/// Prints the report. Returns an error if an entry is larger than its ceiling.
pub(crate) fn report() -> Result {
    let measured = measure()?;
    for (name, parts) in &measured {
        println!(
            "\n{name:<12}{:>10}{:>10}{:>10}  bytes",
            "raw", "gzip", "brotli"
        );
        for (part, bytes) in parts
            .iter()
            .map(|(part, bytes)| (part.as_str(), *bytes))
            .chain([("total", sum_parts(parts))])
        {
            println!(
                "  {part:<10}{:>10}{:>10}{:>10}",
                bytes.raw, bytes.gzip, bytes.brotli
            );
        }
        print_functions(name)?;
    }
    println!();
    let mut violations = Vec::new();
    for (check, result) in check_budgets(&measured)? {
        match result {
            Ok(()) => println!("{check}"),
            Err(sentence) => violations.push(format!("{check}: {sentence}")),
        }
    }
    if violations.is_empty() {
        Ok(())
    } else {
        Err(violations.join("\n"))
    }
}

/// Checks the size of each entry that has a budget.
pub(crate) fn run_checks() -> Result<Vec<Check>> {
    check_budgets(&measure()?)
}

fn measure() -> Result<BTreeMap<String, BTreeMap<String, Bytes>>> {
    let mut measured: BTreeMap<String, BTreeMap<String, Bytes>> = BTreeMap::new();
    for line in shell::output(shell::node_command().arg("xtask/scripts/size.mjs"))?.lines() {
        let mut fields = line.split('\t');
        let (name, part) = (
            fields.next().unwrap_or_default(),
            fields.next().unwrap_or_default(),
        );
        let mut number = || {
            fields
                .next()
                .and_then(|field| field.parse().ok())
                .ok_or("xtask/scripts/size.mjs printed an invalid measurement.")
        };
        let bytes = Bytes {
            raw: number()?,
            gzip: number()?,
            brotli: number()?,
        };
        measured
            .entry(name.into())
            .or_default()
            .insert(part.into(), bytes);
    }
    Ok(measured)
}

fn sum_parts(parts: &BTreeMap<String, Bytes>) -> Bytes {
    let counted = parts.iter().filter(|(part, _)| *part != LAZY);
    counted.fold(Bytes::default(), |sum, (_, part)| Bytes {
        raw: sum.raw + part.raw,
        gzip: sum.gzip + part.gzip,
        brotli: sum.brotli + part.brotli,
    })
}

fn print_functions(name: &str) -> Result {
    let Some(artifact) = Artifact::named(name) else {
        return Ok(());
    };
    let (functions, data) = wasm::list_functions(&shell::read(artifact.named_wasm())?)?;
    println!(
        "  the largest of {} functions (bytes; the data takes {data}):",
        functions.len()
    );
    for (size, name) in functions.iter().take(MAX_FUNCTIONS) {
        println!(
            "  {size:>6}  {}",
            name.chars().take(120).collect::<String>()
        );
    }
    Ok(())
}

fn check_budgets(measured: &BTreeMap<String, BTreeMap<String, Bytes>>) -> Result<Vec<Check>> {
    let budgets: toml::Table = shell::read_text("budgets.toml")?
        .parse()
        .map_err(|error| format!("budgets.toml could not be read: {error}."))?;
    let budgets = budgets
        .get("size")
        .and_then(|size| size.as_table())
        .ok_or("budgets.toml must have a table [size].")?;
    budgets
        .iter()
        .map(|(name, budget)| check_budget(name, budget, measured.get(name).map(sum_parts)))
        .collect()
}

fn check_budget(name: &str, budget: &toml::Value, measured: Option<Bytes>) -> Result<Check> {
    let limit = |which: &str| {
        let limit = budget.get(which).and_then(|limit| limit.as_float());
        limit.ok_or_else(|| {
            format!("budgets.toml: [size.{name}] must have `{which}` in KB, with a decimal point.")
        })
    };
    let (target, ceiling) = (limit("target")?, limit("ceiling")?);
    let size = f64::from(
        measured
            .ok_or_else(|| format!("budgets.toml: the package has no entry {name}."))?
            .brotli,
    ) / 1000.0;
    let result = if size <= ceiling {
        Ok(())
    } else {
        Err("the entry is larger than its ceiling (budgets.toml)".into())
    };
    Ok((
        format!(
            "the {name} entry is {size:.2} KB brotli, its ceiling {ceiling}, its target {target}"
        ),
        result,
    ))
}

#[cfg(test)]
mod tests {
    use super::{check_budget, sum_parts, Bytes, LAZY};
    use std::collections::BTreeMap;

    #[test]
    fn a_size_above_the_ceiling_and_a_missing_entry_are_errors() {
        let budget = toml::Value::from(toml::Table::from_iter([
            ("target".into(), 20.0.into()),
            ("ceiling".into(), 18.0.into()),
        ]));
        let result = |brotli| {
            check_budget(
                "edge",
                &budget,
                Some(Bytes {
                    brotli,
                    ..Bytes::default()
                }),
            )
            .map(|(_, result)| result.is_ok())
        };
        assert_eq!(result(18_000), Ok(true));
        assert_eq!(result(18_001), Ok(false));
        assert!(check_budget("edge", &budget, None).is_err());
    }

    #[test]
    fn the_lazy_part_is_not_counted() {
        let part = |brotli| Bytes {
            brotli,
            ..Bytes::default()
        };
        let parts = BTreeMap::from([
            ("wasm".into(), part(3)),
            ("javascript".into(), part(2)),
            (LAZY.into(), part(1)),
        ]);
        assert_eq!(sum_parts(&parts).brotli, 5);
    }
}
