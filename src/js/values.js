// Where JavaScript and wasm meet. The values of a call stay on this side, in a list, and wasm knows
// them by their places in it: nothing but numbers and short texts crosses, there is no table of
// references to keep, and what a crossing makes is made here, at once.
let held;
let made;

/**
 * Runs a function of wasm on these values, of which the first has the place 1, and on numbers;
 * gives what it made.
 */
export const cross = (run, values, ...numbers) => {
  held = [undefined, ...values];
  run(...numbers);
  const result = made;
  // Secrets are among them.
  held = made = undefined;
  return result;
};

const hold = (value) => (value === undefined || value === null ? 0 : held.push(value) - 1);
const some = (number) => (number >= 0 ? number : undefined);

export const text = (place) => (typeof held[place] === 'string' ? held[place] : undefined);
export const number = (place, otherwise) =>
  typeof held[place] === 'number' ? held[place] : otherwise;

/** What `JSON.parse` has made, so no getter of it throws. */
export const get = (place, name) => hold(held[place]?.[name]);

/** The first of a list whose `name` is this text, or any text if it is empty. */
export const find = (place, name, text) => {
  const fits = (value) => typeof value?.[name] === 'string' && (!text || value[name] === text);
  return hold(Array.isArray(held[place]) ? held[place].find(fits) : undefined);
};

/** An error code: a number, or a text that writes one. */
export const code = (place) => Number(held[place]);

/** A text that writes a date, in milliseconds since the epoch. */
export const date = (place) => (typeof held[place] === 'string' ? Date.parse(held[place]) : NaN);

export const isThere = (place) => held[place] !== undefined;
export const isTrue = (place) => held[place] === true;
export const isText = (place, text) => held[place] === text;
export const isObject = (place) =>
  typeof held[place] === 'object' && held[place] !== null && !Array.isArray(held[place]);

/** Whether it can be a token: nothing but visible ASCII, so that it can stand in a header. */
export const isToken = (place) => typeof held[place] === 'string' && /^[!-~]+$/.test(held[place]);

/**
 * The claims of a JWT, if it is one. Its text may come out wrong, its numbers do not, and nothing
 * else is read.
 */
export const claims = (place) => {
  try {
    return hold(JSON.parse(atob(held[place].split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))));
  } catch {
    return 0;
  }
};

/** What is to be sent. */
export const request = (purpose, method, url, headers, body, timeoutMs, ...retry) => {
  made = { purpose, method, url, headers, body, timeoutMs, retry };
};

/** What a call came to, in a wrapping that no answer of the service can be taken for. */
export const done = (place) => {
  made = { value: held[place] };
};

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
  made = {
    value: {
      accessToken: held[accessToken],
      refreshToken: held[refreshToken],
      issuedAt,
      expiresAt,
      user: held[user],
      users: held[users],
      files: held[files],
      userType: held[userType],
    },
  };
};

export const authToken = (token, lifetimeMs) => {
  made = { value: { token, lifetimeMs } };
};

/**
 * The fields of a SocialPlusError; with `pauseMs`, how long to wait before the next attempt. Below
 * 0 is none.
 */
export const failure = (kind, message, code, status, retryable, retryAfterMs, pauseMs) => {
  made = {
    kind,
    message,
    code: some(code),
    status: some(status),
    retryable: Boolean(retryable),
    retryAfterMs: some(retryAfterMs),
    pauseMs: some(pauseMs),
  };
};

/** What a step of the session machine comes to: rows of numbers, one for the effect and its own. */
export const effect = (...row) => {
  (made ??= []).push(row);
};
