//! The JavaScript boundary: decodes the input, calls the protocol, the session machine or the
//! emulator, and encodes the result. It contains no rule of the service.

#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "emulator")]
mod emulator;
#[cfg(any(feature = "browser", feature = "edge"))]
mod input;
#[cfg(any(feature = "browser", feature = "edge"))]
mod json;
#[cfg(any(feature = "browser", feature = "edge"))]
mod requests;
#[cfg(any(feature = "browser", feature = "edge"))]
mod responses;
#[cfg(feature = "browser")]
mod session;

/// The smallest allocator of `lol_alloc` that merges freed blocks. It searches a list of free
/// blocks, which stays short because a call retains almost no memory. The emulator retains more
/// memory and uses the allocator of std.
#[cfg(not(feature = "emulator"))]
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    // SAFETY: the artifacts are built without threads.
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

/// Traps without a message, which would need formatting code. Lints deny code that panics.
#[cfg(not(feature = "emulator"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
