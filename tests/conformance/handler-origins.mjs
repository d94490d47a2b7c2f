// Tests which origins may call the auth routes, and the CORS headers of the responses.
import { equal, fail, ok } from './harness.mjs';
import {
  APP_ORIGIN,
  PAGE_ORIGIN,
  assertCommonHeaders,
  assertProblem,
  assertSuccess,
  openHandler,
} from './handler-helpers.mjs';

const EVIL_ORIGIN = 'https://evil.example';
const createHeaders = (site, origin, more) => ({
  headers: { origin, 'sec-fetch-site': site, ...more },
});

/** The URL that a server sees for a request to the app if a proxy terminates TLS before it. */
const PROXIED_URL = 'http://app.example/auth/token';
const OWN_URL = `${APP_ORIGIN}/auth/token`;
const EVIL_URL = `${EVIL_ORIGIN}/auth/token`;
const behindProxy = { publicOrigin: APP_ORIGIN };
/**
 * Each row holds a description, options, the URL of the request, its `Sec-Fetch-Site`, its `Origin`
 * and whether it passes (by default not).
 */
const RULE = [
  ['an own origin with a cross-site request', {}, OWN_URL, 'cross-site', APP_ORIGIN, false],
  ['an own origin with a same-site request', {}, OWN_URL, 'same-site', APP_ORIGIN, false],
  ['an own origin with a user-initiated request', {}, OWN_URL, 'none', APP_ORIGIN, false],
  ['an own origin with an empty Sec-Fetch-Site', {}, OWN_URL, '', APP_ORIGIN, false],
  [
    'an http origin to an http URL, cross-site',
    {},
    PROXIED_URL,
    'cross-site',
    'http://app.example',
  ],
  ['an own origin over http', {}, PROXIED_URL, undefined, 'http://app.example', true],
  ['an https page behind a proxy', {}, PROXIED_URL, 'same-origin', APP_ORIGIN, true],
  ['an old browser behind a proxy', {}, PROXIED_URL, undefined, APP_ORIGIN, false],
  ['the public origin', behindProxy, PROXIED_URL, 'same-origin', APP_ORIGIN, true],
  ['the public origin in an old browser', behindProxy, PROXIED_URL, undefined, APP_ORIGIN, true],
  ['the public origin, cross-site', behindProxy, PROXIED_URL, 'cross-site', APP_ORIGIN, false],
  ['the public origin, same-site', behindProxy, PROXIED_URL, 'same-site', APP_ORIGIN, false],
  ['the origin null with a public origin', behindProxy, PROXIED_URL, 'same-origin', 'null', false],
  ['no origin with a public origin', behindProxy, PROXIED_URL, 'same-origin', undefined, false],
  ['a host that was rebound', behindProxy, EVIL_URL, 'same-origin', EVIL_ORIGIN, false],
  [
    'a host that was rebound, in an old browser',
    behindProxy,
    EVIL_URL,
    undefined,
    EVIL_ORIGIN,
    false,
  ],
  [
    'the origin of the URL instead of the public origin',
    behindProxy,
    PROXIED_URL,
    undefined,
    'http://app.example',
    false,
  ],
  [
    'the second of two public origins',
    { publicOrigin: ['https://www.app.example', APP_ORIGIN] },
    PROXIED_URL,
    'same-origin',
    APP_ORIGIN,
    true,
  ],
  [
    'a public origin from a function',
    { publicOrigin: async (env) => env.origin },
    PROXIED_URL,
    undefined,
    APP_ORIGIN,
    true,
  ],
  [
    'another origin than the one from a function',
    { publicOrigin: async (env) => env.origin },
    EVIL_URL,
    'same-origin',
    EVIL_ORIGIN,
    false,
  ],
  [
    'an own origin if the function returns undefined',
    { publicOrigin: () => undefined },
    OWN_URL,
    'same-origin',
    APP_ORIGIN,
    true,
  ],
  [
    'an allowed origin beside a public one',
    behindProxy,
    PROXIED_URL,
    'cross-site',
    PAGE_ORIGIN,
    true,
  ],
  [
    'a native app beside a public origin',
    { ...behindProxy, allowNonBrowser: true },
    PROXIED_URL,
    undefined,
    undefined,
    true,
  ],
];

const testRule = (test, lib) => {
  for (const [what, options, url, site, origin, isAccepted = false] of RULE) {
    test(`${isAccepted ? 'accepts' : 'rejects'} ${what}`, async () => {
      const { postJson, service } = await openHandler(lib, options);
      const init = { ...createHeaders(site, origin), env: { origin: APP_ORIGIN } };
      const response = await postJson(url, {}, init);
      if (isAccepted) assertSuccess(response);
      else assertProblem(response, 403, 'forbidden');
      equal(service.requests.length > 0, isAccepted, 'whether the service was called');
    });
  }
  test('takes neither the public nor the own origin from a header that names a host', async () => {
    const { postJson } = await openHandler(lib);
    for (const more of [
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
      { forwarded: 'host=evil.example;proto=https' },
      { 'x-original-host': 'evil.example' },
      { host: 'evil.example' },
    ]) {
      const init = createHeaders(undefined, EVIL_ORIGIN, more);
      assertProblem(await postJson(OWN_URL, {}, init), 403, 'forbidden');
    }
  });
  test('rejects the origin null if the URL has another scheme than http', async () => {
    const { handler } = await openHandler(lib);
    for (const url of ['capacitor://localhost/auth/token', 'app://./auth/token']) {
      // Some engines create no `Request` with such a URL.
      const request = {
        url,
        method: 'POST',
        headers: new Headers({
          origin: 'null',
          cookie: 'ada',
          'content-type': 'application/json',
        }),
        body: null,
        bodyUsed: false,
      };
      equal((await handler(request)).status, 403, `status of ${url}`);
    }
  });
};

const testOrigins = (test, lib) => {
  const accepted = {
    'a page of the same origin': createHeaders('same-origin', APP_ORIGIN),
    'a page of the same origin with a referrer policy that hides the Origin': createHeaders(
      'same-origin',
      'null',
    ),
    'a page of the same origin in a browser without the Origin header': createHeaders(
      'same-origin',
      undefined,
    ),
    'a page of the same origin in a browser without Sec-Fetch-Site': createHeaders(
      undefined,
      APP_ORIGIN,
    ),
    'an allowed origin': createHeaders('cross-site', PAGE_ORIGIN),
    'an allowed origin of the same site': createHeaders('same-site', PAGE_ORIGIN),
    'an allowed origin in a browser without Sec-Fetch-Site': createHeaders(undefined, PAGE_ORIGIN),
  };
  for (const [what, init] of Object.entries(accepted)) {
    test(`accepts ${what}`, async () => {
      const response = await (await openHandler(lib)).postJson('/auth/token', {}, init);
      assertSuccess(response);
      const isCrossOrigin = init.headers.origin === PAGE_ORIGIN;
      equal(
        response.headers['access-control-allow-origin'],
        isCrossOrigin ? PAGE_ORIGIN : undefined,
        'allow-origin',
      );
      equal(
        response.headers['access-control-allow-credentials'],
        isCrossOrigin ? 'true' : undefined,
        'allow-credentials',
      );
      equal(
        response.headers['access-control-expose-headers'],
        isCrossOrigin ? 'retry-after, x-correlation-id' : undefined,
        'expose-headers',
      );
    });
  }
  test('pages of allowed origins can read rejections', async () => {
    const { postJson } = await openHandler(lib);
    for (const [path, body, more, status, kind] of [
      ['/auth/nothing', {}, {}, 404, 'notFound'],
      ['/auth/session', {}, {}, 400, 'invalidRequest'],
      ['/auth/token', {}, { cookie: undefined }, 401, 'unauthorized'],
    ]) {
      const response = await postJson(path, body, { headers: { origin: PAGE_ORIGIN, ...more } });
      assertProblem(response, status, kind);
      equal(response.headers['access-control-allow-origin'], PAGE_ORIGIN, 'allow-origin');
    }
  });
  test('responds to a preflight of an allowed origin with CORS headers', async () => {
    const { sendRequest, service } = await openHandler(lib, {
      authenticate: async () => fail('authenticate was called'),
    });
    const { status, headers, body } = await sendRequest('/auth/token', {
      method: 'OPTIONS',
      headers: {
        origin: PAGE_ORIGIN,
        cookie: undefined,
        'content-type': undefined,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-csrf',
      },
    });
    equal(status, 204, 'status');
    equal(body, undefined, 'body');
    equal(service.requests.length, 0, 'requests');
    assertCommonHeaders(headers);
    equal(
      ['origin', 'credentials', 'methods', 'headers'].map(
        (name) => headers[`access-control-allow-${name}`],
      ),
      [PAGE_ORIGIN, 'true', 'POST', 'content-type, authorization, x-correlation-id'],
      'access-control-allow-origin, -credentials, -methods and -headers',
    );
    ok(headers['access-control-max-age'] > 0, 'access-control-max-age is missing');
  });
  test('allows the headers of allowedHeaders, not those of the preflight request', async () => {
    const { sendRequest } = await openHandler(lib, { allowedHeaders: ['content-type', 'x-csrf'] });
    const { headers } = await sendRequest('/auth/token', {
      method: 'OPTIONS',
      headers: { origin: PAGE_ORIGIN, 'access-control-request-headers': 'x-other' },
    });
    equal(headers['access-control-allow-headers'], 'content-type, x-csrf', 'allowed headers');
  });
  test('rejects a preflight of another origin, without CORS headers', async () => {
    const response = await (
      await openHandler(lib)
    ).sendRequest('/auth/token', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    assertProblem(response, 403, 'forbidden');
    ok(
      !Object.keys(response.headers).some((name) => name.startsWith('access-control')),
      'the response has a CORS header',
    );
  });
  test('accepts requests without Origin and Sec-Fetch-Site only with allowNonBrowser', async () => {
    const init = createHeaders(undefined, undefined);
    assertProblem(
      await (await openHandler(lib)).postJson('/auth/token', {}, init),
      403,
      'forbidden',
    );
    assertSuccess(
      await (await openHandler(lib, { allowNonBrowser: true })).postJson('/auth/token', {}, init),
    );
    assertProblem(
      await (
        await openHandler(lib, { allowNonBrowser: true })
      ).postJson('/auth/token', {}, createHeaders('cross-site', 'https://evil.example')),
      403,
      'forbidden',
    );
    assertProblem(
      await (
        await openHandler(lib, { allowNonBrowser: true })
      ).postJson('/auth/token', {}, createHeaders('none', undefined)),
      403,
      'forbidden',
    );
  });
  test('accepts an allowed origin of a native app, an extension or a local server', async () => {
    for (const origin of [
      'capacitor://localhost',
      'http://localhost:5173',
      'https://[::1]:8443',
      'chrome-extension://abcdefgh',
    ]) {
      assertSuccess(
        await (
          await openHandler(lib, { allowedOrigins: [origin] })
        ).postJson('/auth/token', {}, createHeaders('cross-site', origin)),
      );
    }
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testRule(test, lib);
  testOrigins(test, lib);
};
