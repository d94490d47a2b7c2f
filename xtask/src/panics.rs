//! Takes the telling out of panics: on this target a panic's message is formatted and then goes nowhere, so that its formatting is paid for and never seen.
use crate::wasm::without_hashes;
use walrus::{FunctionBuilder, FunctionKind, Module};

/// How the names begin of those functions of core, alloc and std that do nothing but panic.
const PANICS: [&str; 14] = [
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::cell::panic_already_",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::panic",
    "core::result::unwrap_failed",
    "core::slice::index::slice_end_index_len_fail",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "std::alloc::rust_oom",
    "std::panicking::panic_handler",
    "std::panicking::panic_with_hook",
];

/// Makes of each what it comes to in the end, the instruction `unreachable`; wasm-opt then drops what nothing calls any more.
pub(crate) fn cut(module: &mut Module) {
    let functions: Vec<_> = module.funcs.iter_local().map(|(id, function)| (id, function.ty())).collect();
    for (id, ty) in functions {
        let function = module.funcs.get_mut(id);
        let (params, results) = module.types.params_results(ty);
        // What only panics returns nothing.
        if !results.is_empty() || !function.name.as_deref().is_some_and(only_panics) {
            continue;
        }
        let params = params.to_vec();
        let mut body = FunctionBuilder::new(&mut module.types, &params, &[]);
        body.func_body().unreachable();
        let arguments = params.into_iter().map(|ty| module.locals.add(ty)).collect();
        function.kind = FunctionKind::Local(body.local_func(arguments));
    }
}

fn only_panics(name: &str) -> bool {
    let name = without_hashes(name);
    PANICS.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::only_panics;

    #[test]
    fn functions_that_only_panic_are_known_by_name() {
        assert!(only_panics("core[c5930c85a12de822]::panicking::panic_fmt"));
        assert!(only_panics("core::str::slice_error_fail::h332025d848aac39a"));
        assert!(!only_panics("core::fmt::write"));
        assert!(!only_panics("social_plus_auth::core::panicking::panic_fmt"));
    }
}
