// Keeps the secrets of an object beside it instead of in it, so that no log, inspector or debugger
// shows them. The object's `toJSON` includes them on purpose.

/** @type {WeakMap<object, any>} */
const secrets = new WeakMap();

/** @param {object} object @param {Record<string, any>} held */
export const hide = (object, held) => secrets.set(object, held);
/** @param {object} object */
export const hidden = (object) => secrets.get(object);
