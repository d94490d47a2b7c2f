// A `DiagnosticEvent` of types/browser.d.ts: never a key, token, signature, query or body.

/** Calls the listener with an event, and outlives whatever it does. What is not known is left out. */
export const report = (listener, type, operation, attempt, status, durationMs, detail) => {
  const event = { type, at: Date.now(), operation, attempt };
  if (status) event.status = status;
  if (durationMs !== undefined) event.durationMs = durationMs;
  if (detail) event.detail = detail;
  try {
    listener(event);
  } catch {
    // The listener's own trouble.
  }
};
