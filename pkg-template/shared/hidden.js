// Stores the secrets of an object outside the object, so that no log or inspector shows them. The
// method `toJSON` of an object, if it has one, includes them on purpose.

/** @type {WeakMap<object, any>} */
const secrets = new WeakMap();

/** @param {object} object @param {Record<string, any>} fields */
export const hide = (object, fields) => secrets.set(object, fields);
/** @param {object} object */
export const getHidden = (object) => secrets.get(object);
