// The calls of an administrator. Their order is that of `ADMIN_CALLS` in src/protocol/admin.rs.
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
    return { ...hidden(this), issuedAt: this.issuedAt.toISOString(), expiresAt: this.expiresAt.toISOString() };
  }
}

/** What `detail` of input.js takes: reads the request and writes the body that `make` makes of it. */
const body = (make) => (request, operation) => {
  const refuse = (message) => fail('invalidRequest', operation, message);
  const read = (given, path) => reader('invalidRequest', operation, given, path);
  const flag = (given, path = '') => read(given, path)('boolean')('enabled') ?? refuse(`\`${path}enabled\` is missing.`);
  return JSON.stringify(make(request, read, flag, refuse));
};

const isPublic = body((request, read) => read(request)('boolean')('isPublic'));

const secureMode = body((request, read, flag) => ({ useSecureAuthentication: flag(request) }));

const grace = body((request, read, flag, refuse) => {
  const part = (name) => {
    const given = read(read(request)('object')(name), `${name}.`);
    const expiresInHours = given('number')('expiresInHours');
    if (expiresInHours !== undefined && !(expiresInHours >= 0 && expiresInHours < Infinity)) refuse(`\`${name}.expiresInHours\` must be 0 or more.`);
    return { expiresInHours, apiScopeEnabled: given('boolean')('apiScopeEnabled') };
  };
  return { serverKey: part('serverKey'), adminToken: part('adminToken') };
});

const push = body((request, read, flag, refuse) => {
  const events = read(request)('object')('events');
  if (events && !(events.length > 0 && events.length <= 24)) refuse('`events` must be a list of 1 to 24.');
  const notifiable = (event) => ({
    name: read(event, 'events.')('string')('name') || refuse('`events.name` is missing.'),
    isPushNotifiable: flag(event, 'events.'),
  });
  return { level: 'network', isPushNotifiable: flag(request), notifiableEvents: events && Array.from(events, notifiable) };
});

const same = (answer) => answer;
const nothing = () => {};
const token = (answer) => new AdminToken(answer);
const changed = ({ updatedAt, updatedBy }) => ({ updatedAt: new Date(updatedAt), updatedBy });
const configs = (answer) => answer.securityConfigs ?? answer;
const once = { once: true };

/** All of them, made with `call` of calls.js. */
export const administration = (glue, call) => {
  let number = 0;
  const make = (operation, shape, extra) => {
    const place = number++;
    return call(operation, [(list) => glue.administer(list, place)], shape, { credential: 'adminToken', inOptions: true, user: '', ...extra });
  };
  return {
    issueAdminToken: make('issueAdminToken', token, once),
    getAdminToken: make('getAdminToken', token),
    revokeAdminToken: make('revokeAdminToken', nothing, { user: 'username' }),
    revokeUserSessions: make('revokeUserSessions', nothing, { user: 'userId', detail: isPublic }),
    issueServerKey: make('issueServerKey', same, once),
    getServerKeyInfo: make('getServerKeyInfo', changed),
    getSecurityConfig: make('getSecurityConfig', configs),
    setSecurityConfig: make('setSecurityConfig', configs, { detail: grace }),
    getNetwork: make('getNetwork', same),
    setSecureMode: make('setSecureMode', nothing, { detail: secureMode }),
    setNetworkPush: make('setNetworkPush', nothing, { detail: push }),
  };
};
