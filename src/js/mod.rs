//! The JavaScript boundary, thin: converts, calls, converts back. No rule of the service lives here.

#[cfg(any(feature = "browser", feature = "edge"))]
mod calls;
#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "emulator")]
mod emulator;
#[cfg(any(feature = "browser", feature = "edge"))]
mod input;
#[cfg(any(feature = "browser", feature = "edge"))]
mod json;

/// Smaller than the one that Rust brings along, by 1.4 KB.
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Without std a panic has no text. There is none that we know of: the lints deny what panics.
#[cfg(all(not(feature = "emulator"), not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
