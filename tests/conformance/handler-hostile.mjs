// Tests a table of hostile requests to the auth routes, each with the status and kind of its
// rejection.
import { equal, ok } from './harness.mjs';
import { APP_ORIGIN, PAGE_ORIGIN, assertProblem, openHandler } from './handler-helpers.mjs';

const EVIL_ORIGIN = 'https://evil.example';
const createRequestFrom = (origin, site, more) => ({
  headers: { origin, 'sec-fetch-site': site, ...more },
});
const createBodyOfType = (type, body = '{"deviceId":"d"}') => ({
  headers: { 'content-type': type },
  body,
});
const UTF16_BODY = new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]);

/**
 * Each row holds a description, the path, the request, and the status and kind of its rejection.
 * The default body is `{"deviceId":"d"}`.
 */
const REJECTIONS = [
  ['another origin', '/auth/token', createRequestFrom(EVIL_ORIGIN), 403, 'forbidden'],
  [
    'a cross-site request of another origin',
    '/auth/token',
    createRequestFrom(EVIL_ORIGIN, 'cross-site'),
    403,
    'forbidden',
  ],
  [
    'a same-site request of another origin',
    '/auth/token',
    createRequestFrom('https://other.app.example', 'same-site'),
    403,
    'forbidden',
  ],
  ['another origin at /session', '/auth/session', createRequestFrom(EVIL_ORIGIN), 403, 'forbidden'],
  ['another origin at /visitor', '/auth/visitor', createRequestFrom(EVIL_ORIGIN), 403, 'forbidden'],
  [
    'another origin with the user’s cookie',
    '/auth/session',
    createRequestFrom(EVIL_ORIGIN, 'cross-site', { cookie: 'ada' }),
    403,
    'forbidden',
  ],
  ['the origin null', '/auth/token', createRequestFrom('null'), 403, 'forbidden'],
  [
    'a cross-site request of the origin null',
    '/auth/token',
    createRequestFrom('null', 'cross-site'),
    403,
    'forbidden',
  ],
  ['an empty origin', '/auth/token', createRequestFrom(''), 403, 'forbidden'],
  [
    'a cross-site request without an origin',
    '/auth/token',
    createRequestFrom(undefined, 'cross-site'),
    403,
    'forbidden',
  ],
  [
    'a same-site request without an origin',
    '/auth/token',
    createRequestFrom(undefined, 'same-site'),
    403,
    'forbidden',
  ],
  [
    'a user-initiated request without an origin',
    '/auth/token',
    createRequestFrom(undefined, 'none'),
    403,
    'forbidden',
  ],
  [
    'a request without Origin and Sec-Fetch-Site',
    '/auth/token',
    createRequestFrom(undefined),
    403,
    'forbidden',
  ],
  [
    'an origin that starts with an allowed one',
    '/auth/token',
    createRequestFrom(`${PAGE_ORIGIN}.evil.example`),
    403,
    'forbidden',
  ],
  [
    'an origin that ends with an allowed host',
    '/auth/token',
    createRequestFrom('https://evil-page.example'),
    403,
    'forbidden',
  ],
  [
    'an allowed origin over http',
    '/auth/token',
    createRequestFrom('http://page.example'),
    403,
    'forbidden',
  ],
  [
    'an allowed origin on another port',
    '/auth/token',
    createRequestFrom(`${PAGE_ORIGIN}:8443`),
    403,
    'forbidden',
  ],
  [
    'an allowed origin in upper case',
    '/auth/token',
    createRequestFrom('https://PAGE.example'),
    403,
    'forbidden',
  ],
  [
    'two origins',
    '/auth/token',
    createRequestFrom(`${PAGE_ORIGIN}, ${EVIL_ORIGIN}`),
    403,
    'forbidden',
  ],
  [
    'the origin of the app over http',
    '/auth/token',
    createRequestFrom('http://app.example'),
    403,
    'forbidden',
  ],
  [
    'another origin with a forged forwarded host',
    '/auth/token',
    createRequestFrom(EVIL_ORIGIN, undefined, {
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
    }),
    403,
    'forbidden',
  ],
  [
    'another origin with an invalid Sec-Fetch-Site',
    '/auth/token',
    createRequestFrom(EVIL_ORIGIN, 'Same-Origin'),
    403,
    'forbidden',
  ],
  [
    'a preflight of another origin',
    '/auth/token',
    { method: 'OPTIONS', ...createRequestFrom(EVIL_ORIGIN) },
    403,
    'forbidden',
  ],

  [
    'a request without a cookie',
    '/auth/token',
    { headers: { cookie: undefined } },
    401,
    'unauthorized',
  ],
  [
    'a user id in the body instead of a cookie',
    '/auth/token',
    { headers: { cookie: undefined }, body: '{"userId":"ada"}' },
    401,
    'unauthorized',
  ],
  [
    'a user id in the query instead of a cookie',
    '/auth/session?userId=ada',
    { headers: { cookie: undefined } },
    401,
    'unauthorized',
  ],
  [
    'a user id in other headers instead of a cookie',
    '/auth/token',
    { headers: { cookie: undefined, 'x-user-id': 'ada', authorization: 'Bearer ada' } },
    401,
    'unauthorized',
  ],
  ['a line break in the user id', '/auth/session', { headers: { cookie: 'crlf' } }, 500, 'server'],

  ['a GET', '/auth/token', { method: 'GET', body: undefined }, 405, 'invalidRequest'],
  ['a HEAD', '/auth/token', { method: 'HEAD', body: undefined }, 405, undefined],
  ['a PUT', '/auth/token', { method: 'PUT' }, 405, 'invalidRequest'],
  ['a DELETE', '/auth/session', { method: 'DELETE' }, 405, 'invalidRequest'],
  ['a PATCH', '/auth/visitor', { method: 'PATCH' }, 405, 'invalidRequest'],
  [
    'a GET with a header that overrides the method',
    '/auth/token',
    {
      method: 'GET',
      body: undefined,
      headers: { 'x-http-method-override': 'POST', 'x-method-override': 'POST' },
    },
    405,
    'invalidRequest',
  ],
  [
    'a GET with a query that overrides the method',
    '/auth/token?_method=POST',
    { method: 'GET', body: undefined },
    405,
    'invalidRequest',
  ],
  [
    'a cross-site GET',
    '/auth/token',
    { method: 'GET', body: undefined, ...createRequestFrom(EVIL_ORIGIN, 'cross-site') },
    405,
    'invalidRequest',
  ],

  [
    'a form',
    '/auth/token',
    createBodyOfType('application/x-www-form-urlencoded', 'deviceId=d'),
    415,
    'invalidRequest',
  ],
  [
    'a body of the content type text/plain',
    '/auth/token',
    createBodyOfType('text/plain'),
    415,
    'invalidRequest',
  ],
  [
    'a multipart form',
    '/auth/token',
    createBodyOfType('multipart/form-data; boundary=x', '--x--'),
    415,
    'invalidRequest',
  ],
  [
    'a body of the content type JSON Patch',
    '/auth/token',
    createBodyOfType('application/json-patch+json'),
    415,
    'invalidRequest',
  ],
  [
    'a content type that starts with application/json',
    '/auth/token',
    createBodyOfType('application/jsonx'),
    415,
    'invalidRequest',
  ],
  [
    'two content types',
    '/auth/token',
    createBodyOfType('text/plain, application/json'),
    415,
    'invalidRequest',
  ],
  [
    'JSON as a parameter of another content type',
    '/auth/token',
    createBodyOfType('text/plain; application/json'),
    415,
    'invalidRequest',
  ],
  [
    'a body without a content type',
    '/auth/token',
    { headers: { 'content-type': undefined }, body: new TextEncoder().encode('{}') },
    415,
    'invalidRequest',
  ],

  ...['token', 'session', 'visitor'].flatMap((route) =>
    [
      [`a request without a body or a content type at /${route}`, undefined],
      [`no body, but the content type text/plain at /${route}`, 'text/plain'],
    ].map(([what, type]) => [
      what,
      `/auth/${route}`,
      { body: undefined, headers: { 'content-type': type } },
      415,
      'invalidRequest',
    ]),
  ),
  [
    'no content type and no cookie',
    '/auth/token',
    { body: undefined, headers: { 'content-type': undefined, cookie: undefined } },
    415,
    'invalidRequest',
  ],

  [
    'a body of 1 MiB',
    '/auth/session',
    { body: JSON.stringify({ deviceId: 'd', more: 'x'.repeat(1 << 20) }) },
    413,
    'invalidRequest',
  ],
  [
    'a body of 16 KiB and one byte',
    '/auth/visitor',
    { body: JSON.stringify({ deviceId: 'd' }).padEnd(16_385) },
    413,
    'invalidRequest',
  ],
  [
    'a binary body of 1 MiB',
    '/auth/token',
    { body: new Uint8Array(1 << 20) },
    413,
    'invalidRequest',
  ],
  ...[
    '{',
    'null',
    '[]',
    '"d"',
    '42',
    'true',
    '{"deviceId":"d"}}',
    '{"deviceId":"d"',
    "{'deviceId':'d'}",
    ' ',
    '\0',
    '<xml/>',
    '[{"deviceId":"d"}]',
    '{"deviceId":"d"}\n{}',
  ].map((body) => [
    `the body ${JSON.stringify(body)}`,
    '/auth/session',
    { body },
    400,
    'invalidRequest',
  ]),
  [
    'a body with invalid UTF-8',
    '/auth/session',
    { body: new Uint8Array([...new TextEncoder().encode('{"deviceId":"'), 0xff, 0x22, 0x7d]) },
    400,
    'invalidRequest',
  ],
  [
    'a body that ends in the middle of a UTF-8 character',
    '/auth/token',
    { body: new Uint8Array([0x7b, 0x7d, 0xe2, 0x82]) },
    400,
    'invalidRequest',
  ],
  ['a body in UTF-16', '/auth/token', { body: UTF16_BODY }, 400, 'invalidRequest'],
  ['a deeply nested body', '/auth/token', { body: '['.repeat(16_000) }, 400, 'invalidRequest'],
  ...['session', 'visitor'].flatMap((route) =>
    [
      {},
      { deviceId: '' },
      { deviceId: 'x'.repeat(151) },
      { deviceId: 42 },
      { deviceId: null },
      { deviceId: ['d'] },
      { deviceId: { toString: 'd' } },
      { deviceId: 'a\ud800' },
      { DeviceId: 'd' },
    ].map((body) => [
      `the device id in ${JSON.stringify(body).slice(0, 40)} at /${route}`,
      `/auth/${route}`,
      { body: JSON.stringify(body) },
      400,
      'invalidRequest',
    ]),
  ),
  [
    'a device id in the prototype',
    '/auth/session',
    { body: '{"__proto__":{"deviceId":"d"}}' },
    400,
    'invalidRequest',
  ],
  [
    'a device id that is a number at /token',
    '/auth/token',
    { body: '{"deviceId":42}' },
    400,
    'invalidRequest',
  ],
  [
    'a device id that imitates the text to sign',
    '/auth/visitor',
    { body: '{"deviceId":"d&authSignatureExpiresAt=2099-01-01T00:00:00.000Z"}' },
    400,
    'invalidRequest',
  ],
  [
    'a device info that is a string',
    '/auth/session',
    { body: '{"deviceId":"d","deviceInfo":"web"}' },
    400,
    'invalidRequest',
  ],
  [
    'a device kind that is unknown',
    '/auth/session',
    { body: '{"deviceId":"d","deviceInfo":{"kind":"fridge"}}' },
    400,
    'invalidRequest',
  ],
  [
    'a device model over the limit',
    '/auth/session',
    { body: JSON.stringify({ deviceId: 'd', deviceInfo: { model: 'x'.repeat(301) } }) },
    400,
    'invalidRequest',
  ],

  ...[
    '/',
    '/auth',
    '/auth/',
    '/auth/token/',
    '/auth//token',
    '//auth/token',
    '/AUTH/token',
    '/auth/Token',
    '/auth/%2e%2e/token',
    '/auth/..%2ftoken',
    '/auth%2ftoken',
    '/auth%5ctoken',
    '/auth/toke%6e',
    '/auth/token%00',
    '/auth/token%20',
    '/auth/token;x=1',
    '/auth/token.json',
    '/auth/tokens',
    '/x/auth/token',
    '/auth/token/../session/x',
    '/auth/undefined',
    '/auth/__proto__',
    '/auth/constructor',
    '/%61uth/token',
  ].map((path) => [`the path ${path}`, path, {}, 404, 'notFound']),
  ['a route in the query', '/?x=/auth/token', {}, 404, 'notFound'],
  ['a route in the fragment', '/#/auth/token', {}, 404, 'notFound'],
];

const testRejections = (test, lib) => {
  for (const [what, path, init, status, kind] of REJECTIONS) {
    test(`responds with ${status} to ${what}`, async () => {
      const authenticate = async ({ headers }) => {
        const name = headers.get('cookie');
        return name && { userId: name === 'crlf' ? 'ada\r\nx-server-key: other' : name };
      };
      const { sendRequest, service } = await openHandler(lib, { authenticate });
      const response = await sendRequest(path.startsWith('//') ? `${APP_ORIGIN}${path}` : path, {
        body: '{"deviceId":"d"}',
        ...init,
      });
      if (kind) assertProblem(response, status, kind);
      else equal(response.status, status, 'status');
      if (status === 405) equal(response.headers.allow, 'POST, OPTIONS', 'allow');
      if (/^(a|the) device/.test(what))
        ok(
          /^`device/.test(response.body.title),
          `the title does not name the field: ${response.body.title}`,
        );
      if (init.headers?.origin !== PAGE_ORIGIN)
        equal(response.headers['access-control-allow-origin'], undefined, 'allow-origin');
      equal(service.requests.length, 0, 'requests to the service');
    });
  }
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testRejections(test, lib);
};
