// Tells the caller's listener what happens: never a key, token, signature, query or body. Outlives whatever the listener does.
export const report = (listener, type, attempt, status, durationMs, detail) => {
  const event = { type, at: Date.now(), attempt };
  if (status) event.status = status;
  if (durationMs !== undefined) event.durationMs = durationMs;
  if (detail) event.detail = detail;
  try {
    listener(event);
  } catch {
    // The listener's own trouble.
  }
};
