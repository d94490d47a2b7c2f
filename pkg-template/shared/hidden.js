// Secrets of an object are kept beside it, not in it, so that a log, an inspector or a debugger
// shows none; its `toJSON` gives them on purpose.
const secrets = new WeakMap();

export const hide = (object, held) => secrets.set(object, held);
export const hidden = (object) => secrets.get(object);
