// The calls of an administrator. Their order is that of `ADMIN_CALLS` in src/protocol/admin.rs.
import { SocialPlusError } from './error.js';
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
    return { ...hidden(this), issuedAt: this.issuedAt.toISOString(), expiresAt: this.expiresAt.toISOString() };
  }
}

const refuse = (operation, message) => {
  throw new SocialPlusError({ kind: 'invalidRequest', operation, message });
};

/** A flag that must be there. */
const flag = (operation, given, name, path) => reader('invalidRequest', operation, given, path)('boolean')(name) ?? refuse(operation, `\`${path ?? ''}${name}\` is missing.`);

const isPublic = (request, operation) => reader('invalidRequest', operation, request)('boolean')('isPublic')?.toString();

/** Hours are whole or not, but never less than none. */
const part = (request, operation, name) => {
  const given = reader('invalidRequest', operation, request)('object')(name);
  if (!given) return undefined;
  const read = reader('invalidRequest', operation, given, `${name}.`);
  const expiresInHours = read('number')('expiresInHours');
  if (expiresInHours !== undefined && !(expiresInHours >= 0 && expiresInHours < Infinity)) refuse(operation, `\`${name}.expiresInHours\` must be 0 or more.`);
  return { expiresInHours, apiScopeEnabled: name === 'serverKey' ? read('boolean')('apiScopeEnabled') : undefined };
};

const config = (request, operation) =>
  JSON.stringify({ serverKey: part(request, operation, 'serverKey'), adminToken: part(request, operation, 'adminToken') });

const secureMode = (request, operation) => JSON.stringify({ useSecureAuthentication: flag(operation, request, 'enabled') });

const push = (request, operation) => {
  const isPushNotifiable = flag(operation, request, 'enabled');
  const events = reader('invalidRequest', operation, request)('object')('events');
  if (events && !(Array.isArray(events) && events.length > 0 && events.length <= 24)) refuse(operation, '`events` must be a list of 1 to 24.');
  const notifiableEvents = events?.map((event) => ({
    name: reader('invalidRequest', operation, event, 'events.')('string')('name') || refuse(operation, '`events.name` is missing.'),
    isPushNotifiable: flag(operation, event, 'enabled', 'events.'),
  }));
  return JSON.stringify({ level: 'network', isPushNotifiable, notifiableEvents });
};

const same = (answer) => answer;
const nothing = () => {};
const token = (answer) => new AdminToken(answer);
const configs = ({ securityConfigs, ...answer }) => securityConfigs ?? answer;

/** All of them, made with `call` of calls.js. */
export const administration = (glue, call) => {
  let number = 0;
  const make = (operation, shape, extra) => {
    const place = number++;
    return call(operation, [(list) => glue.administer(list, place)], shape, { credential: 'adminToken', inOptions: true, user: '', ...extra });
  };
  return {
    issueAdminToken: make('issueAdminToken', token, { once: true }),
    getAdminToken: make('getAdminToken', token),
    revokeAdminToken: make('revokeAdminToken', nothing, { user: 'username' }),
    revokeUserSessions: make('revokeUserSessions', nothing, { user: 'userId', detail: isPublic }),
    issueServerKey: make('issueServerKey', same, { once: true }),
    getServerKeyInfo: make('getServerKeyInfo', ({ updatedAt, updatedBy }) => ({ updatedAt: new Date(updatedAt), updatedBy })),
    getSecurityConfig: make('getSecurityConfig', configs),
    setSecurityConfig: make('setSecurityConfig', configs, { detail: config }),
    getNetwork: make('getNetwork', same),
    setSecureMode: make('setSecureMode', nothing, { detail: secureMode }),
    setNetworkPush: make('setNetworkPush', nothing, { detail: push }),
  };
};
