// Tests that a polluted `Object.prototype` opens nothing in the auth routes, through options that
// the app left out, through the result of `authenticate` or through the body.
import { equal, fail, ok, withReplaced } from './harness.mjs';
import { respondWithSuccess } from './helpers.mjs';
import { APP_ORIGIN } from './handler-helpers.mjs';

const EVIL_ORIGIN = 'https://evil.example';

const testPollution = (test, { edge }) => {
  const urls = [];
  const recordingFetch = async (url, init) => (urls.push(url), respondWithSuccess(url, init));
  const options = {
    region: 'eu',
    serverKey: 'sk',
    authenticate: async () => ({ userId: 'ada' }),
    fetch: () => recordingFetch,
  };
  const createRequest = (route, headers) =>
    new Request(`${APP_ORIGIN}/auth/${route}`, {
      method: 'POST',
      headers: { origin: APP_ORIGIN, 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  /** Returns the status of a response while `Object.prototype[name]` is set. */
  const getStatus = (name, value, { route = 'token', headers, ...changes }) => {
    const request = createRequest(route, headers);
    if (headers?.origin === '') request.headers.delete('origin');
    return withReplaced(Object.prototype, name, value, async () => {
      const { status } = await edge.createAuthHandler({ ...options, ...changes })(request);
      return status;
    });
  };
  const evil = { headers: { origin: EVIL_ORIGIN } };
  for (const [name, value, setup, status] of [
    ['allowNonBrowser', true, { headers: { origin: '' } }, 403],
    ['allowedOrigins', [EVIL_ORIGIN], evil, 403],
    ['publicOrigin', EVIL_ORIGIN, evil, 403],
    ['visitorSecret', 'guessed', { route: 'visitor', allowUnlimitedVisitors: true }, 404],
    ['apiKey', 'another', { route: 'session' }, 404],
    ['basePath', '', {}, 200],
    ['userId', 'eve', { authenticate: async () => ({}) }, 500],
    ['userId', 'eve', { authenticate: async () => true }, 500],
    ['deviceId', 'known', { route: 'session', apiKey: 'ak' }, 400],
    ['endpoint', 'https://evil.example', {}, 200],
    ['apiVersion', 'v3', {}, 200],
  ]) {
    test(`responds with ${status} although Object.prototype.${name} is set`, async () => {
      urls.splice(0);
      equal(await getStatus(name, value, setup), status, 'status');
      const expected =
        status === 200 ? ['https://apix.eu.amity.co/api/v4/authentication/token'] : [];
      equal(urls, expected, 'requests');
    });
  }
  test('requires authenticate although Object.prototype.authenticate is set', async () => {
    const authenticate = async () => ({ userId: 'eve' });
    await withReplaced(Object.prototype, 'authenticate', authenticate, async () => {
      try {
        edge.createAuthHandler({ region: 'eu', serverKey: 'sk' });
      } catch (error) {
        ok(edge.SocialPlusError.is(error), 'the error is not a SocialPlusError');
        return;
      }
      fail('createAuthHandler did not throw');
    });
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testPollution(test, lib);
};
