// Tests how a login and a renewal get an auth token: from the caller, or from the option
// `authTokenFrom`, which is a function or the URL of a route.
import { equal, ok, containsSecret } from './harness.mjs';
import { CANARY, createResponse, rejects, resolves } from './helpers.mjs';
import { getCredentialsOption, withWorld } from './session-world.mjs';

const ROUTE = 'https://app.example/auth/token';
const secureMode = { secureMode: true };

export default ({ test, lib, engine }) => {
  test(
    'login sends the given auth token and does not reuse it for a renewal',
    withWorld(lib, secureMode, async (world) => {
      const client = world.createClient();
      await resolves(async () =>
        client.login({ userId: 'ada', authToken: await world.mint('ada') }),
      );
      equal(client.state, 'established', 'state');
      equal(world.countSessionRequests(), 1, 'requests');
      await rejects(
        () => client.renew(),
        ['secureModeRequired', 'config'],
        'a renewal without an auth token',
      );
      equal(client.state, 'established', 'state after the failed renewal');
    }),
  );
  test(
    'a login and each renewal pass the user, the device and a signal to authTokenFrom',
    withWorld(lib, secureMode, async (world) => {
      const calls = [];
      const authTokenFrom = ({ userId, deviceId, signal }) => {
        calls.push({
          userId,
          deviceId,
          hasSignal: signal instanceof AbortSignal && !signal.aborted,
        });
        return world.mint(userId);
      };
      const client = await world.signIn({ authTokenFrom });
      await resolves(() => client.renew());
      const deviceId = await client.getDeviceId();
      equal(calls, Array(2).fill({ userId: 'ada', deviceId, hasSignal: true }), 'arguments');
      equal(world.countSessionRequests(), 2, 'session requests');
    }),
  );
  test(
    'a given auth token takes precedence over authTokenFrom',
    withWorld(lib, secureMode, async (world) => {
      let calls = 0;
      const authTokenFrom = ({ userId }) => ((calls += 1), world.mint(userId));
      const client = world.createClient({ authTokenFrom });
      await resolves(async () =>
        client.login({ userId: 'ada', authToken: await world.mint('ada') }),
      );
      equal(calls, 0, 'calls during the login');
      await resolves(() => client.renew());
      equal(calls, 1, 'calls after the renewal');
    }),
  );
  for (const [what, address] of [
    ['a string', ROUTE],
    ['a URL', new URL(ROUTE)],
  ]) {
    test(
      `authTokenFrom accepts the URL of a route as ${what}`,
      withWorld(lib, secureMode, async (world) => {
        const inits = [];
        world.respond = (url, init) => {
          if (String(url) !== ROUTE) return undefined;
          inits.push(init);
          return world.mint('ada').then((authToken) =>
            createResponse({
              authToken,
              expiresAt: new Date(world.clock.now() + 600_000).toISOString(),
            }),
          );
        };
        await world.signIn({ authTokenFrom: address });
        const [{ method, credentials, headers, redirect }] = inits;
        equal(inits.length, 1, 'requests');
        equal(method, 'POST', 'method');
        equal(credentials, getCredentialsOption(engine), 'credentials');
        ok(redirect === 'manual' || redirect === 'error', 'the request follows redirects');
        ok(
          !JSON.stringify([...new Headers(headers)]).includes(world.service.apiKey),
          'the API key was sent to the route',
        );
      }),
    );
  }
  const faultyFunctions = {
    'a function that throws': () => {
      throw new Error(CANARY);
    },
    'a function that rejects': async () => Promise.reject(new Error(CANARY)),
    'a function that rejects with a string': async () => Promise.reject(CANARY),
    'a function that returns undefined': async () => undefined,
    'a function that returns a number': async () => 42,
    'a function that returns an empty string': async () => '',
    'a function that returns a string over the limit': async () => CANARY.repeat(20),
    'a function that returns an HTML page': async () => '<!doctype html><title>Sign in</title>',
    'a function that never settles': () => new Promise(() => {}),
  };
  const faultyRoutes = {
    'a route that responds with 401': () =>
      createResponse({ title: CANARY, kind: 'unauthorized' }, { status: 401 }),
    'a route that responds with 403': () => createResponse({ title: CANARY }, { status: 403 }),
    'a route that responds with the service’s 400100 error': () =>
      createResponse({ status: 'error', code: 400100, message: CANARY }, { status: 401 }),
    'a route that responds with the service’s 400312 error': () =>
      createResponse({ status: 'error', code: 400312, message: CANARY }, { status: 403 }),
    'a route that redirects': () =>
      createResponse('', { status: 302, headers: { location: `/${CANARY}` } }),
    'a route that responds with 500': () =>
      createResponse(CANARY, { status: 500, headers: { 'content-type': 'text/html' } }),
    'a route that responds with an HTML page': () =>
      createResponse(`<html>${CANARY}`, { headers: { 'content-type': 'text/html' } }),
    'a route that responds without a token': () => createResponse({ hello: CANARY }),
    'an unreachable route': () => Promise.reject(new TypeError(CANARY)),
  };
  for (const [what, causeFault] of [
    ...Object.entries(faultyFunctions),
    ...Object.entries(faultyRoutes),
  ]) {
    test(
      `with ${what}, a login fails, but a failed renewal does not sign the user out`,
      withWorld(lib, secureMode, async (world) => {
        let isDown = true;
        const isRoute = what in faultyRoutes;
        world.respond = (url) => {
          if (String(url) !== ROUTE) return undefined;
          return isDown
            ? causeFault()
            : world.mint('ada').then((authToken) => createResponse({ authToken }));
        };
        const source = isRoute
          ? ROUTE
          : ({ userId }) => (isDown ? causeFault() : world.mint(userId));
        const client = world.createClient({ authTokenFrom: source, timeoutMs: 200 });
        const { error } = await world.advanceUntilSettled(() => client.login({ userId: 'ada' }));
        ok(
          lib.browser.SocialPlusError.is(error),
          `the login ended with ${error?.name ?? 'success'}, not a SocialPlusError`,
        );
        ok(
          !containsSecret(`${error.message}${error.stack}${JSON.stringify(error)}`),
          'the error of the login contains a secret',
        );
        equal(client.state, 'notLoggedIn', 'state');
        equal(world.countSessionRequests(), 0, 'session requests');
        isDown = false;
        await resolves(() => client.login({ userId: 'ada' }), 'login after the fault');
        isDown = true;
        await world.advanceUntilSettled(() => client.renew());
        equal(client.state, 'established', 'state after the failed renewal');
        equal(client.terminationReason, undefined, 'terminationReason after the failed renewal');
        equal(client.seen.failed.length, 1, 'renewalfailed events');
        ok(
          await world.isTokenValid(await world.getToken(client)),
          'the service rejects the token after the failed renewal',
        );
      }),
    );
  }
};
