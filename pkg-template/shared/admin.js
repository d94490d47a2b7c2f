// The calls of an administrator, by their numbers in `ADMIN_CALLS` of src/protocol/admin.rs.
import { same } from './calls.js';
import { call, glue } from './edge-wasm.js';
import { fail } from './error.js';
import { hide, hidden } from './hidden.js';
import { reader } from './input.js';

/** An `AdminToken` of types/edge.d.ts. */
class AdminToken {
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
 * What `detail` of input.js takes: reads the request and writes the body that `make` makes of it.
 */
const body = (make) => (request, operation) => {
  const refuse = (message) => fail('invalidRequest', operation, message);
  const read = (given, path) => reader('invalidRequest', operation, given, path);
  const flag = (given, path = '') =>
    read(given, path)('boolean')('enabled') ?? refuse(`\`${path}enabled\` is missing.`);
  return JSON.stringify(make(request, read, flag, refuse));
};

const isPublic = /* @__PURE__ */ body((request, read) => read(request)('boolean')('isPublic'));

const secureMode = /* @__PURE__ */ body((request, read, flag) => ({
  useSecureAuthentication: flag(request),
}));

const grace = /* @__PURE__ */ body((request, read, flag, refuse) => {
  const part = (name) => {
    const given = read(read(request)('object')(name), `${name}.`);
    const expiresInHours = given('number')('expiresInHours');
    if (expiresInHours !== undefined && !(expiresInHours >= 0 && expiresInHours < Infinity))
      refuse(`\`${name}.expiresInHours\` must be 0 or more.`);
    return { expiresInHours, apiScopeEnabled: given('boolean')('apiScopeEnabled') };
  };
  return { serverKey: part('serverKey'), adminToken: part('adminToken') };
});

const push = /* @__PURE__ */ body((request, read, flag, refuse) => {
  const events = read(request)('array')('events');
  if (events && !(events.length > 0 && events.length <= 24))
    refuse('`events` must be a list of 1 to 24.');
  const notifiable = (event) => ({
    name: read(event, 'events.')('string')('name') || refuse('`events.name` is missing.'),
    isPushNotifiable: flag(event, 'events.'),
  });
  return {
    level: 'network',
    isPushNotifiable: flag(request),
    notifiableEvents: events && Array.from(events, notifiable),
  };
});

const nothing = () => {};
const token = (answer) => new AdminToken(answer);
const changed = ({ updatedAt, updatedBy }) => ({ updatedAt: new Date(updatedAt), updatedBy });
const configs = ({ securityConfigs }) => securityConfigs;
const once = { once: true };

const make = (number, operation, shape, extra) =>
  call(operation, [[glue.administer, number]], shape, {
    credential: 'adminToken',
    inOptions: true,
    user: '',
    ...extra,
  });

export const issueAdminToken = /* @__PURE__ */ make(0, 'issueAdminToken', token, once);
export const getAdminToken = /* @__PURE__ */ make(1, 'getAdminToken', token);
export const revokeAdminToken = /* @__PURE__ */ make(2, 'revokeAdminToken', nothing, {
  user: 'username',
  ...once,
});
export const revokeUserSessions = /* @__PURE__ */ make(3, 'revokeUserSessions', nothing, {
  user: 'userId',
  detail: isPublic,
});
export const issueServerKey = /* @__PURE__ */ make(4, 'issueServerKey', same, once);
export const getServerKeyInfo = /* @__PURE__ */ make(5, 'getServerKeyInfo', changed);
export const getSecurityConfig = /* @__PURE__ */ make(6, 'getSecurityConfig', configs);
export const setSecurityConfig = /* @__PURE__ */ make(7, 'setSecurityConfig', configs, {
  detail: grace,
});
export const getNetwork = /* @__PURE__ */ make(8, 'getNetwork', same);
export const setSecureMode = /* @__PURE__ */ make(9, 'setSecureMode', nothing, {
  detail: secureMode,
});
export const setNetworkPush = /* @__PURE__ */ make(10, 'setNetworkPush', nothing, { detail: push });
