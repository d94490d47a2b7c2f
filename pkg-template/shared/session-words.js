// What the numbers mean that pass between shared/session-engine.js and the machine in
// src/js/session.rs. Constants that stand alone: a bundler puts them where they are used.

// Events.
export const RESUME = 0;
export const LOGIN = 1;
export const ADOPT = 2;
export const NEED = 3;
export const RENEW = 4;
export const REFUSED = 5;
export const LOGOUT = 6;
export const SECURE_LOGOUT = 7;
export const WAKE = 8;
export const TICK = 9;
export const LOCKED = 10;
export const FOUND = 11;
export const HEARD = 12;
export const PREPARED = 13;
export const ATTEMPT = 14;
export const ANSWERED = 15;
export const VERIFIED = 16;
export const REVOKED = 17;
export const DATE = 18;

// Effects.
export const SHARE = 0;
export const WAIT = 1;
export const NOW = 2;
export const STATE = 3;
export const HOLD = 4;
export const FRESH = 5;
export const TIMER = 6;
export const LOCK = 7;
export const FIND = 8;
export const SAVE = 9;
export const CLEAR = 10;
export const TELL = 11;
export const PREPARE = 12;
export const ASK = 13;
export const VERIFY = 14;
export const REVOKE = 15;
export const FORGET = 16;
export const DONE = 17;
export const RENEWED = 18;

// States, and two of the ways in which what was waited for ends.
export const ESTABLISHED = 2;
export const TOKEN_EXPIRED = 3;
export const TERMINATED = 4;
export const FAILED = 1;
export const CLOSED = 5;
