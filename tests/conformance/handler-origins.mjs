// Which origins may call the auth routes, and the CORS headers of the responses.
import { equal, fail, ok } from './harness.mjs';
import {
  APP,
  PAGE,
  assertCommonHeaders,
  assertProblem,
  assertSuccess,
  openHandler,
} from './handler-helpers.mjs';

const origins = (test, lib) => {
  const fetchMetadata = (site, origin) => ({ headers: { origin, 'sec-fetch-site': site } });
  const accepted = {
    'a page of the same origin': fetchMetadata('same-origin', APP),
    'a page of the same origin with a referrer policy that hides the Origin': fetchMetadata(
      'same-origin',
      'null',
    ),
    'a page of the same origin in a browser without the Origin header': fetchMetadata(
      'same-origin',
      undefined,
    ),
    'a page of the same origin in a browser without Sec-Fetch-Site': fetchMetadata(undefined, APP),
    'an allowed origin': fetchMetadata('cross-site', PAGE),
    'an allowed origin of the same site': fetchMetadata('same-site', PAGE),
    'an allowed origin in a browser without Sec-Fetch-Site': fetchMetadata(undefined, PAGE),
  };
  for (const [what, init] of Object.entries(accepted)) {
    test(`accepts ${what}`, async () => {
      const answer = await (await openHandler(lib)).json('/auth/token', {}, init);
      assertSuccess(answer);
      const isCrossOrigin = init.headers.origin === PAGE;
      equal(
        answer.headers['access-control-allow-origin'],
        isCrossOrigin ? PAGE : undefined,
        'allow-origin',
      );
      equal(
        answer.headers['access-control-allow-credentials'],
        isCrossOrigin ? 'true' : undefined,
        'allow-credentials',
      );
      equal(
        answer.headers['access-control-expose-headers'],
        isCrossOrigin ? 'retry-after, x-correlation-id' : undefined,
        'expose-headers',
      );
    });
  }
  test('pages of allowed origins can read rejections', async () => {
    const { json } = await openHandler(lib);
    for (const [path, body, more, status, kind] of [
      ['/auth/nothing', {}, {}, 404, 'notFound'],
      ['/auth/session', {}, {}, 400, 'invalidRequest'],
      ['/auth/token', {}, { cookie: undefined }, 401, 'unauthorized'],
    ]) {
      const answer = await json(path, body, { headers: { origin: PAGE, ...more } });
      assertProblem(answer, status, kind);
      equal(answer.headers['access-control-allow-origin'], PAGE, 'allow-origin');
    }
  });
  test('answers a preflight of an allowed origin', async () => {
    const { ask, service } = await openHandler(lib, {
      authenticate: async () => fail('authenticate was called'),
    });
    const { status, headers, body } = await ask('/auth/token', {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
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
      [PAGE, 'true', 'POST', 'content-type,x-csrf'],
      'access-control-allow-origin, -credentials, -methods and -headers',
    );
    ok(headers['access-control-max-age'] > 0, 'access-control-max-age is missing');
  });
  test('rejects a preflight of another origin without CORS headers', async () => {
    const answer = await (
      await openHandler(lib)
    ).ask('/auth/token', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    assertProblem(answer, 403, 'forbidden');
    ok(
      !Object.keys(answer.headers).some((name) => name.startsWith('access-control')),
      'the response has a CORS header',
    );
  });
  test('accepts requests without Origin and Sec-Fetch-Site only with allowNonBrowser', async () => {
    const init = fetchMetadata(undefined, undefined);
    assertProblem(await (await openHandler(lib)).json('/auth/token', {}, init), 403, 'forbidden');
    assertSuccess(
      await (await openHandler(lib, { allowNonBrowser: true })).json('/auth/token', {}, init),
    );
    assertProblem(
      await (
        await openHandler(lib, { allowNonBrowser: true })
      ).json('/auth/token', {}, fetchMetadata('cross-site', 'https://evil.example')),
      403,
      'forbidden',
    );
    assertProblem(
      await (
        await openHandler(lib, { allowNonBrowser: true })
      ).json('/auth/token', {}, fetchMetadata('none', undefined)),
      403,
      'forbidden',
    );
  });
  test('accepts allowed origins of apps and local servers', async () => {
    for (const origin of [
      'capacitor://localhost',
      'http://localhost:5173',
      'https://[::1]:8443',
      'chrome-extension://abcdefgh',
    ]) {
      assertSuccess(
        await (
          await openHandler(lib, { allowedOrigins: [origin] })
        ).json('/auth/token', {}, fetchMetadata('cross-site', origin)),
      );
    }
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  origins(test, lib);
};
