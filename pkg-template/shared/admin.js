// The calls of an administrator. JavaScript checks the types of the inputs. Rust checks their
// limits and builds the requests.
import * as glue from '../wasm/edge_bg.js';
import { identity } from './calls.js';
import { makeCall } from './edge-wasm.js';
import { guard } from './error.js';
import { getHidden, hide } from './hidden.js';
import { createReader } from './reader.js';
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

/** Implements `AdminToken` of types/edge.d.ts. */
class AdminToken {
  /** @param {{ adminToken: string, issuedAt: string, expiresAt: string }} fields */
  constructor({ adminToken, issuedAt, expiresAt }) {
    hide(this, { adminToken });
    this.issuedAt = new Date(issuedAt);
    this.expiresAt = new Date(expiresAt);
  }

  get adminToken() {
    return getHidden(this).adminToken;
  }

  toJSON() {
    return {
      ...getHidden(this),
      issuedAt: this.issuedAt.toISOString(),
      expiresAt: this.expiresAt.toISOString(),
    };
  }
}

/**
 * @typedef {NonNullable<import('./input.js').CallShape['details']>} Details
 */

/** @param {string} operation @param {unknown} given @param {string} [path] */
const createFieldReader = (operation, given, path) =>
  createReader('invalidRequest', operation, given, path);

/** @type {Details} */
const readIsPublic = (list, request, operation) => {
  list[INPUT_IS_PUBLIC] = createFieldReader(operation, request)('boolean')('isPublic');
};

/** @type {Details} */
const readEnabled = (list, request, operation) => {
  list[INPUT_ENABLED] = createFieldReader(operation, request)('boolean')('enabled');
};

/** @type {Details} */
const readSecurityConfig = (list, request, operation) => {
  const readObject = createFieldReader(operation, request)('object');
  const readServerKey = createFieldReader(operation, readObject('serverKey'), 'serverKey.');
  const readAdminToken = createFieldReader(operation, readObject('adminToken'), 'adminToken.');
  list[INPUT_SERVER_KEY_EXPIRES_IN_HOURS] = readServerKey('number')('expiresInHours');
  list[INPUT_API_SCOPE_ENABLED] = readServerKey('boolean')('apiScopeEnabled');
  list[INPUT_ADMIN_TOKEN_EXPIRES_IN_HOURS] = readAdminToken('number')('expiresInHours');
};

/** @type {Details} */
const readPush = (list, request, operation) => {
  readEnabled(list, request, operation);
  const events = createFieldReader(operation, request)('array')('events');
  guard('invalidRequest', operation, () => {
    list[INPUT_EVENT_COUNT] = events?.length;
    // Rust checks the count and rejects a longer list, so events beyond the limit need not be read.
    for (let at = 0; at < events?.length && at < MAX_PUSH_EVENTS; at += 1) {
      const readEvent = createFieldReader(operation, events[at], 'events.');
      const index = INPUT_EVENTS + at * 2;
      list[index] = readEvent('string')('name');
      list[index + 1] = readEvent('boolean')('enabled');
    }
  });
};

const ignore = () => {};
/** @param {any} result */
const toAdminToken = (result) => new AdminToken(result);
/** @param {{ updatedAt: string, updatedBy: string }} result */
const toKeyInfo = ({ updatedAt, updatedBy }) => ({ updatedAt: new Date(updatedAt), updatedBy });
/** @param {{ securityConfigs: object }} result */
const toSecurityConfig = ({ securityConfigs }) => securityConfigs;

/**
 * @param {string} operation
 * @param {number} purpose
 * @param {(result: any) => any} convert
 * @param {import('./input.js').CallShape} [shape]
 */
const makeAdminCall = (operation, purpose, convert, shape) =>
  makeCall(operation, [{ run: glue.administer, argument: purpose }], convert, {
    credential: 'adminToken',
    inOptions: true,
    user: '',
    ...shape,
  });

export const issueAdminToken = /* @__PURE__ */ makeAdminCall(
  'issueAdminToken',
  PURPOSE_ISSUE_ADMIN_TOKEN,
  toAdminToken,
);
export const getAdminToken = /* @__PURE__ */ makeAdminCall(
  'getAdminToken',
  PURPOSE_GET_ADMIN_TOKEN,
  toAdminToken,
);
export const revokeAdminToken = /* @__PURE__ */ makeAdminCall(
  'revokeAdminToken',
  PURPOSE_REVOKE_ADMIN_TOKEN,
  ignore,
  { user: 'username' },
);
export const revokeUserSessions = /* @__PURE__ */ makeAdminCall(
  'revokeUserSessions',
  PURPOSE_REVOKE_USER_SESSIONS,
  ignore,
  { user: 'userId', details: readIsPublic },
);
export const issueServerKey = /* @__PURE__ */ makeAdminCall(
  'issueServerKey',
  PURPOSE_ISSUE_SERVER_KEY,
  identity,
);
export const getServerKeyInfo = /* @__PURE__ */ makeAdminCall(
  'getServerKeyInfo',
  PURPOSE_GET_SERVER_KEY_INFO,
  toKeyInfo,
);
export const getSecurityConfig = /* @__PURE__ */ makeAdminCall(
  'getSecurityConfig',
  PURPOSE_GET_SECURITY_CONFIG,
  toSecurityConfig,
);
export const setSecurityConfig = /* @__PURE__ */ makeAdminCall(
  'setSecurityConfig',
  PURPOSE_SET_SECURITY_CONFIG,
  toSecurityConfig,
  { details: readSecurityConfig },
);
export const getNetwork = /* @__PURE__ */ makeAdminCall(
  'getNetwork',
  PURPOSE_GET_NETWORK,
  identity,
);
export const setSecureMode = /* @__PURE__ */ makeAdminCall(
  'setSecureMode',
  PURPOSE_SET_SECURE_MODE,
  ignore,
  { details: readEnabled },
);
export const setNetworkPush = /* @__PURE__ */ makeAdminCall(
  'setNetworkPush',
  PURPOSE_SET_NETWORK_PUSH,
  ignore,
  { details: readPush },
);
