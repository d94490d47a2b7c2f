//! What ends a wait before its time: a timer, or the caller's signal.

use crate::protocol::Error;
use alloc::rc::Rc;
use core::cell::Cell;
use core::future::{poll_fn, Future};
use core::pin::Pin;
use core::task::{Poll, Waker};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, ms: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(handle: &JsValue);

    /// The caller's signal: of any realm or polyfill, so by what it does, and it may throw.
    #[derive(Debug)]
    type Signal;
    #[wasm_bindgen(method, getter, catch)]
    fn aborted(this: &Signal) -> Result<bool, JsValue>;
    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add_event_listener(this: &Signal, name: &str, callback: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    fn remove_event_listener(this: &Signal, name: &str, callback: &JsValue) -> Result<(), JsValue>;
}

/// Why a wait ended without what it waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The timer.
    Elapsed,
    /// The caller's signal. Once it has been given it stays.
    Aborted,
}

#[derive(Default)]
struct Bell {
    cause: Cell<Option<Cause>>,
    waker: Cell<Option<Waker>>,
}

impl Bell {
    fn ring(&self, cause: Cause) {
        self.cause.set(Some(cause));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// Lasts for one call; lets go of the signal when it is dropped.
pub(super) struct Interrupt {
    bell: Rc<Bell>,
    on_timer: Closure<dyn Fn()>,
    listener: Option<(Signal, Closure<dyn Fn()>)>,
}

impl Interrupt {
    pub(super) fn new(signal: &JsValue) -> Result<Self, Error> {
        let bell = Rc::new(Bell::default());
        let ringer = |cause| {
            let bell = Rc::clone(&bell);
            Closure::<dyn Fn()>::new(move || bell.ring(cause))
        };
        let on_timer = ringer(Cause::Elapsed);
        let mut listener = None;
        if !(signal.is_undefined() || signal.is_null()) {
            let no_signal = |_| Error::invalid("`signal` is no AbortSignal.");
            let signal: Signal = if signal.is_object() { signal.clone().unchecked_into() } else { return Err(no_signal(JsValue::NULL)) };
            let on_abort = ringer(Cause::Aborted);
            signal.add_event_listener("abort", on_abort.as_ref()).map_err(no_signal)?;
            if signal.aborted().map_err(no_signal)? {
                bell.ring(Cause::Aborted);
            }
            listener = Some((signal, on_abort));
        }
        Ok(Interrupt { bell, on_timer, listener })
    }

    pub(super) fn is_aborted(&self) -> bool {
        self.bell.cause.get() == Some(Cause::Aborted)
    }

    /// Waits for `work`, which never rejects, but not longer than `ms` and not beyond an abort; without `work` it is a pause.
    pub(super) async fn race(&self, mut work: Option<JsFuture>, ms: f64) -> Result<JsValue, Cause> {
        if !self.is_aborted() {
            self.bell.cause.set(None);
        }
        let _timer = Timer(set_timeout(self.on_timer.as_ref(), ms));
        poll_fn(|context| {
            let done = work.as_mut().map_or(Poll::Pending, |work| Pin::new(work).poll(context));
            match (self.bell.cause.get(), done) {
                (Some(Cause::Aborted), _) => Poll::Ready(Err(Cause::Aborted)),
                (_, Poll::Ready(value)) => Poll::Ready(Ok(value.unwrap_or_default())),
                (Some(cause), Poll::Pending) => Poll::Ready(Err(cause)),
                (None, Poll::Pending) => {
                    self.bell.waker.set(Some(context.waker().clone()));
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if let Some((signal, on_abort)) = &self.listener {
            let _ = signal.remove_event_listener("abort", on_abort.as_ref());
        }
    }
}

struct Timer(JsValue);

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}
