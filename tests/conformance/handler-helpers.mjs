// Helpers for the topics about the auth routes: a handler that calls an emulator, and assertions
// about the handler's responses.
import { equal, fail, match, ok, registerSecret, getOutcome, containsSecret } from './harness.mjs';
import { startEmulator } from './start-emulator.mjs';

/** The origin of the app, which hosts the routes. */
export const APP_ORIGIN = 'https://app.example';
/** Another origin, which the handler allows. */
export const PAGE_ORIGIN = 'https://page.example';
export const VISITOR_SECRET = registerSecret('visitor-secret-of-the-routes');

/**
 * Creates a handler that calls an emulator and reads the user id from the cookie. `sendRequest`
 * sends a request as a page of the app would, and returns the response. `sendRequest` also asserts
 * that neither the response nor an event contains a secret. `postJson` does the same with a JSON
 * body.
 */
export const openHandler = async (lib, options = {}, emulatorOptions = {}) => {
  // Do not use the fixed seed of other topics: they register the tokens of that seed as secrets.
  const { service, clientOptions, verify } = await startEmulator(lib, {
    seed: undefined,
    ...emulatorOptions,
  });
  const events = [];
  const allOptions = {
    region: 'eu',
    serverKey: service.serverKey,
    apiKey: service.apiKey,
    visitorSecret: VISITOR_SECRET,
    rateLimit: async () => true,
    clientIp: () => '192.0.2.1',
    fetch: () => service.fetch,
    authenticate: async ({ headers }) =>
      headers.get('cookie') ? { userId: headers.get('cookie') } : null,
    allowedOrigins: [PAGE_ORIGIN],
    onEvent: (event) => events.push(event),
    ...options,
  };
  const handler = lib.edge.createAuthHandler(allOptions);
  const read = async (response) => {
    const text = await response.text();
    const headers = Object.fromEntries(response.headers);
    ok(
      !containsSecret(`${text}\n${JSON.stringify(headers)}\n${JSON.stringify(events)}`),
      `a response with ${response.status} or an event contains a secret`,
    );
    return { status: response.status, headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  const sendRequest = async (path, { headers, env, ...init } = {}) => {
    const allHeaders = {
      origin: APP_ORIGIN,
      'content-type': 'application/json',
      cookie: 'ada',
      ...headers,
    };
    const definedHeaders = Object.entries(allHeaders).filter(([, value]) => value !== undefined);
    const request = new Request(path.startsWith('http') ? path : APP_ORIGIN + path, {
      method: 'POST',
      headers: definedHeaders,
      ...init,
    });
    const { value, error } = await getOutcome(() => handler(request, env));
    if (error) fail(`the handler rejected: ${error.name}`);
    return read(value);
  };
  return {
    service,
    clientOptions,
    verify,
    handler,
    events,
    sendRequest,
    postJson: (path, body, init) => sendRequest(path, { body: JSON.stringify(body), ...init }),
  };
};

/** Asserts that the response is problem+json with this status and kind. Returns its body. */
export const assertProblem = ({ status, headers, body }, expectedStatus, kind) => {
  equal(status, expectedStatus, 'status');
  equal(body?.kind, kind, `kind (${body?.title})`);
  equal(Object.keys(body).sort(), ['correlationId', 'kind', 'status', 'title', 'type'], 'fields');
  equal(body.type, 'about:blank', 'type');
  equal(body.status, status, 'status in the body');
  equal(typeof body.title, 'string', 'type of the title');
  equal(headers['content-type'], 'application/problem+json', 'content-type');
  assertCommonHeaders(headers);
  equal(headers['x-correlation-id'], body.correlationId, 'correlation id');
  return body;
};

/** Asserts the headers that every response has. */
export const assertCommonHeaders = (headers) => {
  equal(headers['cache-control'], 'no-store', 'cache-control');
  equal(headers.vary, 'origin', 'vary');
  equal(headers['x-content-type-options'], 'nosniff', 'x-content-type-options');
  equal(headers['cross-origin-resource-policy'], 'same-origin', 'cross-origin-resource-policy');
  match(headers['x-correlation-id'], /^[\w.-]{1,64}$/, 'correlation id');
};

/** Asserts that the response is a 200 with JSON. Returns its body. */
export const assertSuccess = ({ status, headers, body }) => {
  equal(status, 200, `status (${body?.title})`);
  equal(headers['content-type'], 'application/json', 'content-type');
  assertCommonHeaders(headers);
  return body;
};
