//! Builds all mutants of a room at once: rewrites the sources so that each change is behind a
//! switch, and the environment variable `MUTANT` selects one at run time. cargo-mutants compiles
//! and links every mutant separately, which takes most of its time.
use super::ledger::Mutant;
use proc_macro2::{LineColumn, Span};
use std::collections::HashMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, BinOp, Expr, ExprBinary, ExprUnary};

/// The functions that the switches call.
pub(super) const RUNTIME: &str = include_str!("runtime.rs.txt");
const PATH: &str = "crate::mutant_switch";

/// A rewritten source file.
pub(super) struct Switched {
    pub source: String,
    /// The switches, with the places of the inserted code.
    pub switches: Vec<Switch>,
}

/// A place where one or more mutants change the code.
pub(super) struct Switch {
    /// The indices of the mutants in the list of the room.
    pub mutants: Vec<usize>,
    /// The inserted code.
    inserted: Vec<Range<usize>>,
    /// The range from the first to the last inserted code.
    extent: Range<usize>,
    /// Whether it deletes an arm of a match.
    deletes_arm: bool,
}

impl Switched {
    /// Returns the mutants of the switches that may have caused a compiler error at this place.
    /// Selects the innermost switch around the error, if possible one whose inserted code the error
    /// touches. Otherwise selects the next switch of a deleted arm, or else every switch that the
    /// error touches.
    pub(super) fn find(&self, error: &Range<usize>) -> Vec<usize> {
        let touches = |range: &Range<usize>| range.start < error.end && error.start < range.end;
        let touched: Vec<_> = self
            .switches
            .iter()
            .filter(|switch| switch.inserted.iter().any(touches))
            .collect();
        // An error that spans whole operands touches the switches of these operands, too.
        let narrow = |switch: &&&Switch| {
            switch.extent.start <= error.start && error.end <= switch.extent.end
        };
        let around =
            |switch: &&Switch| switch.extent.start <= error.start && error.end <= switch.extent.end;
        let narrowest = touched
            .iter()
            .filter(narrow)
            .min_by_key(|it| it.extent.len());
        let innermost = || {
            let around = self.switches.iter().filter(around);
            around.min_by_key(|it| it.extent.len())
        };
        // A match that lacks an arm is an error of the whole match.
        let next_arm = || {
            let arms = self.switches.iter().filter(|it| it.deletes_arm);
            let later = arms.filter(|it| it.extent.start >= error.end);
            later.min_by_key(|it| it.extent.start)
        };
        let found = narrowest.copied().or_else(innermost).or_else(next_arm);
        match found {
            Some(switch) => switch.mutants.clone(),
            None => touched.iter().flat_map(|it| it.mutants.clone()).collect(),
        }
    }
}

/// Rewrites a file. `mutants` are those of the file, with their indices. Mutants without a switch
/// are missing in the result.
pub(super) fn rewrite(source: &str, mutants: &[(usize, &Mutant)]) -> Result<Switched, String> {
    let file = syn::parse_file(source).map_err(|error| error.to_string())?;
    let mut rewriter = Rewriter {
        lines: source
            .split_inclusive('\n')
            .scan(0, start_of_line)
            .collect(),
        source,
        mutants: HashMap::new(),
        edits: Vec::new(),
        switches: Vec::new(),
    };
    for &(index, mutant) in mutants {
        let start = rewriter.offset(mutant.line, mutant.column);
        let at = rewriter.mutants.entry(start).or_default();
        at.push((index, mutant.replacement.clone(), mutant.genre.clone()));
    }
    rewriter.add_function_values();
    rewriter.visit_file(&file);
    Ok(rewriter.apply())
}

fn start_of_line(next: &mut usize, line: &str) -> Option<usize> {
    let start = *next;
    *next += line.len();
    Some(start)
}

/// Inserted code, or code that replaces an operator.
struct Edit {
    replaced: Range<usize>,
    text: String,
    switch: usize,
    /// Whether the text closes what another edit of the switch has opened.
    is_close: bool,
}

struct Rewriter<'a> {
    source: &'a str,
    lines: Vec<usize>,
    /// The mutants by the position of the changed code: index, replacement and genre.
    mutants: HashMap<usize, Vec<(usize, String, String)>>,
    edits: Vec<Edit>,
    /// The mutants of each switch, and whether it deletes an arm of a match.
    switches: Vec<(Vec<usize>, bool)>,
}

impl Rewriter<'_> {
    /// Returns the offset of a line and a column, both counted from 1.
    fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let rest = self.source.get(start..).unwrap_or_default();
        let before: usize = rest.chars().take(column - 1).map(char::len_utf8).sum();
        start + before
    }

    fn range(&self, span: Span) -> Range<usize> {
        let offset = |at: LineColumn| self.offset(at.line, at.column + 1);
        offset(span.start())..offset(span.end())
    }

    /// Takes the mutants of a genre at this place, as the list of alternatives that the runtime
    /// expects.
    fn take(&self, at: usize, genre: &str) -> Option<(Vec<usize>, String)> {
        let found = self.mutants.get(&at)?.iter();
        let found: Vec<_> = found.filter(|(_, _, it)| it == genre).collect();
        let pairs = found
            .iter()
            .map(|(index, text, _)| format!("({}, {text:?})", index + 1));
        let list = format!("&[{}]", pairs.collect::<Vec<_>>().join(", "));
        let indices: Vec<_> = found.iter().map(|(index, ..)| *index).collect();
        (!indices.is_empty()).then_some((indices, list))
    }

    fn switch(&mut self, mutants: Vec<usize>) -> usize {
        self.switches.push((mutants, false));
        self.switches.len() - 1
    }

    fn switch_deletion(&mut self, mutants: Vec<usize>) -> usize {
        self.switches.push((mutants, true));
        self.switches.len() - 1
    }

    fn edit(&mut self, switch: usize, replaced: Range<usize>, text: String, is_close: bool) {
        self.edits.push(Edit {
            replaced,
            text,
            switch,
            is_close,
        });
    }

    fn open(&mut self, switch: usize, at: usize, text: String) {
        self.edit(switch, at..at, text, false);
    }

    fn close(&mut self, switch: usize, at: usize, text: String) {
        self.edit(switch, at..at, text, true);
    }

    /// Lets each function return early, with the value of the mutant.
    fn add_function_values(&mut self) {
        let mut values = Vec::new();
        for (at, mutants) in &self.mutants {
            let of_function = mutants.iter().filter(|(_, _, genre)| genre == "FnValue");
            values.extend(of_function.map(|(index, text, _)| (*at, *index, text.clone())));
        }
        values.sort_unstable();
        for (at, index, text) in values {
            let switch = self.switch(vec![index]);
            let text = format!("if {PATH}::on({}) {{ return {text}; }} ", index + 1);
            self.open(switch, at, text);
        }
    }

    /// Applies the edits from left to right. At the same place, code closes before other code
    /// opens, and an inner switch closes before an outer one.
    fn apply(mut self) -> Switched {
        self.edits.sort_by_key(|edit| {
            let order = edit.switch as isize;
            let order = if edit.is_close { -order } else { order };
            (edit.replaced.start, !edit.is_close, order)
        });
        let mut switches: Vec<_> = self
            .switches
            .into_iter()
            .map(|(mutants, deletes_arm)| Switch {
                mutants,
                inserted: Vec::new(),
                extent: 0..0,
                deletes_arm,
            })
            .collect();
        let (mut source, mut done) = (String::new(), 0);
        for edit in &self.edits {
            source.push_str(
                self.source
                    .get(done..edit.replaced.start)
                    .unwrap_or_default(),
            );
            let start = source.len();
            source.push_str(&edit.text);
            done = edit.replaced.end;
            if let Some(switch) = switches.get_mut(edit.switch) {
                if switch.inserted.is_empty() {
                    switch.extent.start = start;
                }
                switch.extent.end = source.len();
                switch.inserted.push(start..source.len());
            }
        }
        source.push_str(self.source.get(done..).unwrap_or_default());
        Switched { source, switches }
    }

    fn switch_binary(&mut self, expr: &ExprBinary) {
        let op = self.range(expr.op.span());
        let Some((indices, list)) = self.take(op.start, "BinaryOperator") else {
            return;
        };
        let own = self.source.get(op.clone()).unwrap_or_default().to_owned();
        let (function, [left, right]) = match expr.op {
            BinOp::And(_) | BinOp::Or(_) => ("logic", ["", "|| "]),
            BinOp::Eq(_) | BinOp::Ne(_) => ("equality", ["&", "&"]),
            BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => ("order", ["&", "&"]),
            BinOp::Shl(_) | BinOp::Shr(_) => ("shift", ["", ""]),
            BinOp::BitAnd(_) | BinOp::BitOr(_) | BinOp::BitXor(_) => ("bits", ["", ""]),
            BinOp::BitAndAssign(_) | BinOp::BitOrAssign(_) | BinOp::BitXorAssign(_) => {
                ("bits_assign", ["&mut ", ""])
            }
            BinOp::ShlAssign(_) | BinOp::ShrAssign(_) => return,
            BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_) => {
                ("arithmetic", ["", ""])
            }
            _ => ("arithmetic_assign", ["&mut ", ""]),
        };
        let switch = self.switch(indices);
        let whole = self.range(expr.span());
        self.open(switch, whole.start, format!("{PATH}::{function}({left}("));
        self.edit(switch, op, format!("), {right}("), false);
        self.close(switch, whole.end, format!("), {own:?}, {list})"));
    }

    fn switch_unary(&mut self, expr: &ExprUnary) {
        let op = self.range(expr.op.span());
        let Some((indices, list)) = self.take(op.start, "UnaryOperator") else {
            return;
        };
        let function = match expr.op {
            syn::UnOp::Not(_) => "not",
            syn::UnOp::Neg(_) => "negative",
            _ => return,
        };
        let end = self.range(expr.expr.span()).end;
        let switch = self.switch(indices);
        self.edit(switch, op, format!("{PATH}::{function}(("), false);
        self.close(switch, end, format!("), {list})"));
    }

    /// Adds the switches of an arm: a guard that can be false deletes the arm, and a switch around
    /// its guard replaces the guard.
    fn switch_arm(&mut self, arm: &Arm) {
        let start = self.range(arm.span()).start;
        let deleted = self.take(start, "MatchArm");
        let Some((_, guard)) = &arm.guard else {
            if let Some((indices, list)) = deleted {
                let switch = self.switch_deletion(indices);
                let end = self.range(arm.pat.span()).end;
                self.open(switch, end, format!(" if {PATH}::guard(|| true, {list})"));
            }
            return;
        };
        let range = self.range(guard.span());
        if let Some((indices, list)) = deleted {
            let switch = self.switch_deletion(indices);
            let text = format!("{PATH}::guard(|| true, {list}) && (");
            self.open(switch, range.start, text);
            self.close(switch, range.end, ")".into());
        }
        if let Some((indices, list)) = self.take(range.start, "MatchArmGuard") {
            let switch = self.switch(indices);
            self.open(switch, range.start, format!("{PATH}::guard(|| ("));
            self.close(switch, range.end, format!("), {list})"));
        }
    }
}

impl<'ast> Visit<'ast> for Rewriter<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Binary(binary) => self.switch_binary(binary),
            Expr::Unary(unary) => self.switch_unary(unary),
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.switch_arm(arm);
        visit::visit_arm(self, arm);
    }
}
