// The boundary between JavaScript and wasm. The values of a call stay in the list `slots`, and wasm
// refers to a value by its place in the list. Only numbers, booleans and texts cross the boundary,
// so wasm needs no table of references. This file also builds the result of a call.

/** @type {any[]} */
let slots = [];
/** @type {any} */
let result;

/**
 * Calls a wasm function with `numbers` and returns the result that the function has built. The
 * function can read `values`; the first value is at place 1.
 *
 * @param {(...numbers: number[]) => void} run
 * @param {unknown[]} values
 * @param {number[]} numbers
 */
export const invoke = (run, values, ...numbers) => {
  slots = [undefined, ...values];
  run(...numbers);
  const returned = result;
  // Drop the values, which may contain secrets.
  slots = [];
  result = undefined;
  return returned;
};

/** @param {unknown} value */
const store = (value) => (value === undefined || value === null ? 0 : slots.push(value) - 1);
/** @param {number} number */
const toOptional = (number) => (number >= 0 ? number : undefined);

/** @param {number} place */
export const text = (place) => (typeof slots[place] === 'string' ? slots[place] : undefined);
/** @param {number} place @param {number} byDefault */
export const number = (place, byDefault) =>
  typeof slots[place] === 'number' ? slots[place] : byDefault;

/**
 * Stores a field of a value and returns the place of the field, or 0 if the field is absent or
 * null. `JSON.parse` created the value, so no getter can throw.
 *
 * @param {number} place
 * @param {string} name
 */
export const get = (place, name) => store(slots[place]?.[name]);

/**
 * Searches a list, and stores its first object that has `text` in the field `name`. If `text` is
 * empty, the field may be any string. Returns the place of the object, or 0 if no object matches.
 *
 * @param {number} place
 * @param {string} name
 * @param {string} text
 */
export const find = (place, name, text) => {
  /** @param {any} value */
  const matches = (value) => typeof value?.[name] === 'string' && (!text || value[name] === text);
  return store(Array.isArray(slots[place]) ? slots[place].find(matches) : undefined);
};

/** @param {number} place */
export const code = (place) => Number(slots[place]);

/** @param {number} place */
export const date = (place) => (typeof slots[place] === 'string' ? Date.parse(slots[place]) : NaN);

/** @param {number} place */
export const isDefined = (place) => slots[place] !== undefined;
/** @param {number} place */
export const isTrue = (place) => slots[place] === true;
/** @param {number} place @param {string} text */
export const isText = (place, text) => slots[place] === text;
/** @param {number} place */
export const isObject = (place) =>
  typeof slots[place] === 'object' && slots[place] !== null && !Array.isArray(slots[place]);

/**
 * Returns whether a value can be a token: a text of one or more visible ASCII characters, which is
 * safe in a header.
 *
 * @param {number} place
 */
export const isToken = (place) => typeof slots[place] === 'string' && /^[!-~]+$/.test(slots[place]);

/**
 * Stores the claims of a JWT and returns their place, or 0 if the value contains no claims that can
 * be decoded. `atob` may garble texts in the claims, but callers read only numbers.
 *
 * @param {number} place
 */
export const claims = (place) => {
  try {
    return store(
      JSON.parse(atob(slots[place].split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))),
    );
  } catch {
    return 0;
  }
};

/**
 * @param {number} purpose
 * @param {string} method
 * @param {string} url
 * @param {string} headers
 * @param {string | undefined} body
 * @param {number} timeoutMs
 * @param {number[]} retry
 */
export const request = (purpose, method, url, headers, body, timeoutMs, ...retry) => {
  result = { purpose, method, url, headers, body, timeoutMs, retry };
};

/**
 * Sets the result to an object that contains the value. Without this wrapper, JavaScript could
 * mistake a value of the service for an error.
 *
 * @param {number} place
 */
export const done = (place) => {
  result = { value: slots[place] };
};

/** @param {string} value */
export const doneText = (value) => {
  result = { value };
};

/**
 * @param {number} accessToken
 * @param {number} refreshToken
 * @param {number} issuedAt
 * @param {number} expiresAt
 * @param {number} user
 * @param {number} users
 * @param {number} files
 * @param {number} userType
 */
export const session = (
  accessToken,
  refreshToken,
  issuedAt,
  expiresAt,
  user,
  users,
  files,
  userType,
) => {
  result = {
    value: {
      accessToken: slots[accessToken],
      refreshToken: slots[refreshToken],
      issuedAt,
      expiresAt,
      user: slots[user],
      users: slots[users],
      files: slots[files],
      userType: slots[userType],
    },
  };
};

/** @param {string} token @param {number} lifetimeMs */
export const authToken = (token, lifetimeMs) => {
  result = { value: { token, lifetimeMs } };
};

/**
 * Sets the result to the fields of a SocialPlusError. `pauseMs` is the delay before the next
 * attempt. Negative numbers become `undefined`.
 *
 * @param {string} kind
 * @param {string} message
 * @param {string | undefined} field
 * @param {number} code
 * @param {number} status
 * @param {number | boolean} retryable
 * @param {number} retryAfterMs
 * @param {number} pauseMs
 */
export const failed = (kind, message, field, code, status, retryable, retryAfterMs, pauseMs) => {
  result = {
    kind,
    message,
    field,
    code: toOptional(code),
    status: toOptional(status),
    retryable: Boolean(retryable),
    retryAfterMs: toOptional(retryAfterMs),
    pauseMs: toOptional(pauseMs),
  };
};

/**
 * Appends an effect of the session machine to the result. `row` contains the effect's code and its
 * arguments.
 *
 * @param {number[]} row
 */
export const effect = (...row) => {
  (result ??= []).push(row);
};
