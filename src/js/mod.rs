//! The JavaScript boundary: decodes the input, calls the protocol or the session, and encodes the
//! result. It contains no rule of the service.

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

/// A free list: the smallest allocator that merges what is freed. Calls are short and leave next to
/// nothing behind, so the list is short as well. The emulator, which keeps much, has std's own.
#[cfg(not(feature = "emulator"))]
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    // SAFETY: the artifacts are built without threads.
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

/// Without std a panic has no text. There is none that we know of: the lints deny what panics.
#[cfg(not(feature = "emulator"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
