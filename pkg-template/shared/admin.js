// The calls of an administrator. Rust builds and checks their requests.
import * as glue from '../wasm/edge_bg.js';
import { identity } from './calls.js';
import { call } from './edge-wasm.js';
import { hide, hidden } from './hidden.js';
import { reader } from './reader.js';
import {
  INPUT_ADMIN_TOKEN_EXPIRES_IN_HOURS,
  INPUT_API_SCOPE_ENABLED,
  INPUT_ENABLED,
  INPUT_EVENTS,
  INPUT_EVENT_COUNT,
  INPUT_IS_PUBLIC,
  INPUT_SERVER_KEY_EXPIRES_IN_HOURS,
  MAX_PUSH_EVENTS,
  PURPOSE_GET_ADMIN_TOKEN,
  PURPOSE_GET_NETWORK,
  PURPOSE_GET_SECURITY_CONFIG,
  PURPOSE_GET_SERVER_KEY_INFO,
  PURPOSE_ISSUE_ADMIN_TOKEN,
  PURPOSE_ISSUE_SERVER_KEY,
  PURPOSE_REVOKE_ADMIN_TOKEN,
  PURPOSE_REVOKE_USER_SESSIONS,
  PURPOSE_SET_NETWORK_PUSH,
  PURPOSE_SET_SECURE_MODE,
  PURPOSE_SET_SECURITY_CONFIG,
} from './wire.js';

/** An `AdminToken` of types/edge.d.ts. */
class AdminToken {
  /** @param {{ adminToken: string, issuedAt: string, expiresAt: string }} fields */
  constructor({ adminToken, issuedAt, expiresAt }) {
    hide(this, { adminToken });
    this.issuedAt = new Date(issuedAt);
    this.expiresAt = new Date(expiresAt);
  }

  get adminToken() {
    return hidden(this).adminToken;
  }

  toJSON() {
    return {
      ...hidden(this),
      issuedAt: this.issuedAt.toISOString(),
      expiresAt: this.expiresAt.toISOString(),
    };
  }
}

/**
 * @typedef {NonNullable<import('./input.js').CallShape['details']>} Details
 */

/** @param {string} operation @param {unknown} given @param {string} [path] */
const read = (operation, given, path) => reader('invalidRequest', operation, given, path);

/** @type {Details} */
const readIsPublic = (list, request, operation) => {
  list[INPUT_IS_PUBLIC] = read(operation, request)('boolean')('isPublic');
};

/** @type {Details} */
const readEnabled = (list, request, operation) => {
  list[INPUT_ENABLED] = read(operation, request)('boolean')('enabled');
};

/** @type {Details} */
const readSecurityConfig = (list, request, operation) => {
  const object = read(operation, request)('object');
  const serverKey = read(operation, object('serverKey'), 'serverKey.');
  const adminToken = read(operation, object('adminToken'), 'adminToken.');
  list[INPUT_SERVER_KEY_EXPIRES_IN_HOURS] = serverKey('number')('expiresInHours');
  list[INPUT_API_SCOPE_ENABLED] = serverKey('boolean')('apiScopeEnabled');
  list[INPUT_ADMIN_TOKEN_EXPIRES_IN_HOURS] = adminToken('number')('expiresInHours');
};

/** @type {Details} */
const readPush = (list, request, operation) => {
  readEnabled(list, request, operation);
  const events = read(operation, request)('array')('events');
  list[INPUT_EVENT_COUNT] = events?.length;
  // Rust refuses a longer list by its count alone.
  for (let at = 0; at < Math.min(events?.length ?? 0, MAX_PUSH_EVENTS); at += 1) {
    const event = read(operation, events[at], 'events.');
    const index = INPUT_EVENTS + at * 2;
    list[index] = event('string')('name');
    list[index + 1] = event('boolean')('enabled');
  }
};

const ignore = () => {};
/** @param {any} answer */
const toAdminToken = (answer) => new AdminToken(answer);
/** @param {{ updatedAt: string, updatedBy: string }} answer */
const toKeyInfo = ({ updatedAt, updatedBy }) => ({ updatedAt: new Date(updatedAt), updatedBy });
/** @param {{ securityConfigs: object }} answer */
const toSecurityConfig = ({ securityConfigs }) => securityConfigs;

/**
 * @param {string} operation
 * @param {number} purpose
 * @param {(answer: any) => any} convert
 * @param {import('./input.js').CallShape} [shape]
 */
const make = (operation, purpose, convert, shape) =>
  call(operation, [{ run: glue.administer, argument: purpose }], convert, {
    credential: 'adminToken',
    inOptions: true,
    user: '',
    ...shape,
  });

export const issueAdminToken = /* @__PURE__ */ make(
  'issueAdminToken',
  PURPOSE_ISSUE_ADMIN_TOKEN,
  toAdminToken,
);
export const getAdminToken = /* @__PURE__ */ make(
  'getAdminToken',
  PURPOSE_GET_ADMIN_TOKEN,
  toAdminToken,
);
export const revokeAdminToken = /* @__PURE__ */ make(
  'revokeAdminToken',
  PURPOSE_REVOKE_ADMIN_TOKEN,
  ignore,
  { user: 'username' },
);
export const revokeUserSessions = /* @__PURE__ */ make(
  'revokeUserSessions',
  PURPOSE_REVOKE_USER_SESSIONS,
  ignore,
  { user: 'userId', details: readIsPublic },
);
export const issueServerKey = /* @__PURE__ */ make(
  'issueServerKey',
  PURPOSE_ISSUE_SERVER_KEY,
  identity,
);
export const getServerKeyInfo = /* @__PURE__ */ make(
  'getServerKeyInfo',
  PURPOSE_GET_SERVER_KEY_INFO,
  toKeyInfo,
);
export const getSecurityConfig = /* @__PURE__ */ make(
  'getSecurityConfig',
  PURPOSE_GET_SECURITY_CONFIG,
  toSecurityConfig,
);
export const setSecurityConfig = /* @__PURE__ */ make(
  'setSecurityConfig',
  PURPOSE_SET_SECURITY_CONFIG,
  toSecurityConfig,
  { details: readSecurityConfig },
);
export const getNetwork = /* @__PURE__ */ make('getNetwork', PURPOSE_GET_NETWORK, identity);
export const setSecureMode = /* @__PURE__ */ make(
  'setSecureMode',
  PURPOSE_SET_SECURE_MODE,
  ignore,
  { details: readEnabled },
);
export const setNetworkPush = /* @__PURE__ */ make(
  'setNetworkPush',
  PURPOSE_SET_NETWORK_PUSH,
  ignore,
  { details: readPush },
);
