// What a check comes to. `fault` is a stable name for programs; `message` says what is wrong, and
// `remedy` how to mend it, in plain words.

export const good = (name, message) => ({ name, status: 'ok', message });
/** Works today. */
export const warning = (name, fault, message, remedy) => ({
  name,
  status: 'warning',
  fault,
  message,
  remedy,
});
export const bad = (name, fault, message, remedy) => ({
  name,
  status: 'failed',
  fault,
  message,
  remedy,
});
/** Could not be looked at, or was not asked for. */
export const skipped = (name, message) => ({ name, status: 'skipped', message });
