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

const testOrigins = (test, lib) => {
  const createHeaders = (site, origin) => ({ headers: { origin, 'sec-fetch-site': site } });
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
      [PAGE_ORIGIN, 'true', 'POST', 'content-type,x-csrf'],
      'access-control-allow-origin, -credentials, -methods and -headers',
    );
    ok(headers['access-control-max-age'] > 0, 'access-control-max-age is missing');
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
  testOrigins(test, lib);
};
