// Tests which responses and which errors of `fetch` the library understands: bodies without a
// stream, as in React Native, bodies in many chunks, `Retry-After`, and closed connections.
import { equal, ok } from './harness.mjs';
import {
  CANARY,
  createRecordingFetch,
  createResponse,
  createSessionBody,
  listEntries,
  listOperations,
  rejects,
  resolves,
} from './helpers.mjs';
import { TIMEOUT_MS, withTimers } from './timers.mjs';

const MIB = 1 << 20;
const MAX_TIMER_MS = 2 ** 31 - 1;
const NOT_A_RESPONSE = { kind: 'invalidResponse', message: /something that is not a Response/ };
const TOO_LARGE = { kind: 'invalidResponse', message: /larger than 1 MiB/ };
const REDIRECT = { kind: 'invalidResponse', message: /redirect/ };
const sessionText = (user) => JSON.stringify(createSessionBody({}, user));
const encode = (text) => new TextEncoder().encode(text);

/** Creates a response whose stream yields these chunks. */
const createChunkedResponse = (chunks, init) => {
  const seen = { isCancelled: false };
  const rest = [...chunks];
  const stream = new ReadableStream({
    pull: (controller) => (rest.length ? controller.enqueue(rest.shift()) : controller.close()),
    cancel: () => void (seen.isCancelled = true),
  });
  return { seen, response: new Response(stream, init) };
};

/** Creates a response as React Native and test doubles do: without a stream. */
const createPlainResponse = (text, fields) => ({
  status: 200,
  headers: new Headers(),
  text: async () => text,
  ...fields,
});

const testPlainResponses = (test, entry, receive) => {
  test(`${entry}: reads the text of a response that has no stream`, async () => {
    for (const fields of [{}, { body: undefined }, { body: null }, { body: 'x' }, { body: {} }]) {
      const session = await resolves(() => receive(createPlainResponse(sessionText(), fields)));
      equal(session.userId, 'ada', 'user');
    }
  });
  test(`${entry}: accepts a text of up to 1 Mi characters without a stream`, async () => {
    const text = sessionText();
    await resolves(() => receive(createPlainResponse(text.padEnd(MIB))));
    await rejects(() => receive(createPlainResponse(text.padEnd(MIB + 1))), TOO_LARGE);
  });
  test(`${entry}: rejects a response without a stream whose text is no string`, async () => {
    for (const text of [undefined, null, 7, {}, [sessionText()], encode(sessionText())])
      await rejects(() => receive(createPlainResponse(text)), NOT_A_RESPONSE, typeof text);
  });
  test(`${entry}: a text that cannot be read is a network error`, () =>
    rejects(
      () => receive(createPlainResponse('', { text: () => Promise.reject(new Error(CANARY)) })),
      { kind: 'network', retryable: true },
    ));
  test(`${entry}: an object without a method \`text\` is no response`, async () => {
    for (const value of [undefined, null, 7, {}, { status: 200 }, { status: 200, body: {} }])
      await rejects(() => receive(value), NOT_A_RESPONSE, JSON.stringify(value));
  });
  test(`${entry}: a status that no server can send makes it no response`, async () => {
    for (const status of ['200', 200.5, NaN, 99, 600, -1])
      await rejects(() => receive(createPlainResponse('', { status })), NOT_A_RESPONSE, status);
    await rejects(() => receive(createPlainResponse('', { status: 599 })), { kind: 'server' });
    await rejects(() => receive(createPlainResponse('', { status: 100 })), REDIRECT);
  });
  test(`${entry}: a hidden status is a redirect, whose body is not read`, async () => {
    let reads = 0;
    const text = () => Promise.reject(new Error(`read ${(reads += 1)}`));
    await rejects(() => receive({ status: 0, body: null, headers: new Headers(), text }), REDIRECT);
    equal(reads, 0, 'reads');
  });
};

const testStreams = (test, entry, receive) => {
  test(`${entry}: reads a body in thousands of chunks, which may split a character`, async () => {
    const bytes = encode(sessionText({ displayName: 'Ада 字 🦜'.repeat(200) }));
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    ok(chunks.length > 2_048, `only ${chunks.length} chunks`);
    const session = await resolves(() => receive(createChunkedResponse(chunks).response));
    equal(session.user.displayName, 'Ада 字 🦜'.repeat(200), 'name');
  });
  test(`${entry}: rejects a session with bytes that are not UTF-8`, async () => {
    const [before, after] = sessionText({ displayName: '|' }).split('|');
    const chunks = [encode(before), Uint8Array.of(0xff), encode(after)];
    const { response } = createChunkedResponse(chunks);
    await rejects(() => receive(response), { kind: 'invalidResponse', status: 200 });
  });
  test(`${entry}: rejects a session that ends within a character`, async () => {
    const chunks = [encode(sessionText()), Uint8Array.of(0xe5, 0xad)];
    const { response } = createChunkedResponse(chunks);
    await rejects(() => receive(response), { kind: 'invalidResponse', status: 200 });
  });
  test(`${entry}: the status counts even if the body is not UTF-8`, async () => {
    const events = [];
    const { response } = createChunkedResponse([Uint8Array.of(0xff)], { status: 401 });
    await rejects(() => receive(response, { onEvent: (event) => events.push(event) }), {
      kind: 'unauthorized',
      status: 401,
    });
    const responses = events.filter(({ type }) => type === 'response');
    equal(
      responses.map(({ status }) => status),
      [401],
      'statuses in the events',
    );
  });
  test(`${entry}: cancels a stream of something other than bytes`, async () => {
    for (const chunk of ['{}', 7, null, {}, [1]]) {
      const { seen, response } = createChunkedResponse([encode('{'), chunk, chunk, chunk]);
      await rejects(() => receive(response), NOT_A_RESPONSE, JSON.stringify(chunk));
      ok(seen.isCancelled, `the stream of ${JSON.stringify(chunk)} was not cancelled`);
    }
  });
  test(`${entry}: a stream that can be read but not cancelled is no response`, () => {
    const read = async () => ({ done: false, value: '{}' });
    const body = { getReader: () => ({ read }) };
    return rejects(() => receive(createPlainResponse('', { body })), NOT_A_RESPONSE);
  });
};

/** The errors with which runtimes report that the server closed the connection. */
const CLOSED_ERRORS = [
  { code: 'ECONNRESET', message: 'read' },
  { code: 'EPIPE', message: 'write' },
  { code: 'EPROTO', message: 'write' },
  { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', message: 'x' },
  { code: 'UND_ERR_SOCKET', message: 'other side closed' },
  { message: 'received fatal alert: CertificateRequired' },
  { message: 'peer closed connection without sending TLS close_notify' },
  { message: 'TLS handshake failed' },
  { message: 'Connection closed.' },
  { message: 'The network connection was lost.' },
  { message: 'Network connection lost.' },
  { message: 'internal error; reference = 7' },
];

const testErrorsOfFetch = (test, entry, call) => {
  const failWith = (error) => call({ fetch: () => Promise.reject(error) });
  const causes = {
    'itself has the code or the message': (fields) => Object.assign(new Error(), fields),
    'has a cause with the code or the message': (fields) =>
      Object.assign(new TypeError('fetch failed'), { cause: { ...fields } }),
  };
  for (const [what, create] of Object.entries(causes))
    test(`${entry}: names a client certificate if an error ${what} of a close`, async () => {
      for (const fields of CLOSED_ERRORS)
        await rejects(
          () => failWith(create(fields)),
          { kind: 'network', retryable: true, message: /requires a client certificate/ },
          JSON.stringify(fields),
        );
    });
  test(`${entry}: does not name a client certificate after other errors of fetch`, async () => {
    const throwing = Object.defineProperty({}, 'cause', {
      get() {
        throw new Error(CANARY);
      },
    });
    const others = [
      new TypeError('Failed to fetch'),
      Object.assign(new TypeError('fetch failed'), {
        cause: { code: 'ENOTFOUND', message: 'dns' },
      }),
      undefined,
      null,
      'x',
      {},
      throwing,
    ];
    for (const error of others) {
      const { message } = await rejects(() => failWith(error), { kind: 'network' });
      ok(!/certificate/.test(message), `the message is ${message}`);
    }
  });
};

const testRetryAfter = (test, entry, call) => {
  const getRetryAfter = async (text, options) =>
    withTimers(async (timers) => {
      const fetch = createRecordingFetch(async () => ({
        ...createPlainResponse('busy', { status: 429 }),
        headers: { get: (name) => (name === 'retry-after' ? text : null) },
      }));
      const { retryAfterMs } = await rejects(
        () => call({ fetch, timeoutMs: TIMEOUT_MS, ...options }),
        'rateLimited',
      );
      return { retryAfterMs, delays: timers.delays };
    });
  test(`${entry}: reads a Retry-After in seconds, with spaces around it`, async () => {
    for (const [text, ms] of [
      ['9', 9_000],
      [' 9 ', 9_000],
      ['\t10', 10_000],
      ['0', 0],
    ])
      equal((await getRetryAfter(text)).retryAfterMs, ms, `Retry-After ${JSON.stringify(text)}`);
  });
  test(`${entry}: ignores a Retry-After that is neither a number nor an HTTP date`, async () => {
    for (const text of [
      '',
      '-1',
      '1.5',
      '1e3',
      'soon',
      '9 s',
      '2026-01-01T00:00:00Z',
      'Wed, 21 Oct 2099 07:28:00 GMT+0200',
      'Wed, 21 Oct 2099 07:28:00 GMT (noon)',
      'x1 GMT',
      undefined,
      null,
      9,
    ])
      equal((await getRetryAfter(text)).retryAfterMs, undefined, `Retry-After ${text}`);
  });
  test(`${entry}: a Retry-After date in the past means no wait`, async () => {
    equal((await getRetryAfter('Wed, 21 Oct 2015 07:28:00 GMT')).retryAfterMs, 0, 'Retry-After');
  });
  test(`${entry}: never waits for a Retry-After beyond the longest timer`, async () => {
    const retry = { maxDelayMs: MAX_TIMER_MS };
    const { retryAfterMs, delays } = await getRetryAfter('99999999999', { retry });
    ok(retryAfterMs > MAX_TIMER_MS, `retryAfterMs is ${retryAfterMs}`);
    equal(delays, [], 'delays');
  });
};

const testEvents = (test, entry, call) => {
  const record = async (responders) => {
    const events = [];
    const startMs = Date.now();
    await call({
      fetch: createRecordingFetch(responders),
      retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 2 },
      onEvent: (event) => events.push(event),
    }).catch(() => {});
    return { events, elapsedMs: Date.now() - startMs };
  };
  test(`${entry}: an attempt without a response has no event of the type response`, async () => {
    const { events } = await record(() => Promise.reject(new TypeError('down')));
    equal(
      events.map(({ type }) => type),
      ['attempt', 'retry', 'attempt', 'error'],
      'types',
    );
  });
  test(`${entry}: the event of a retry has its attempt, delay and error kind`, async () => {
    const { events } = await record(async () => createResponse('no', { status: 503 }));
    const retries = events.filter(({ type }) => type === 'retry');
    equal(retries.length, 1, 'retries');
    const [{ attempt, durationMs, detail }] = retries;
    equal([attempt, detail], [1, 'server'], 'attempt and kind');
    ok(durationMs >= 0 && durationMs <= 2, `the delay is ${durationMs}`);
  });
  test(`${entry}: the event of a response says how long the attempt took`, async () => {
    const { events, elapsedMs } = await record(async () => createResponse('no', { status: 401 }));
    const { durationMs } = events.find(({ type }) => type === 'response');
    ok(durationMs >= 0 && durationMs <= elapsedMs, `${durationMs} of ${elapsedMs} ms`);
  });
};

export default ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    const [{ call }] = listOperations(api);
    const callOnce = (options) => call({ retry: false, ...options });
    const receive = (value, options) => callOnce({ ...options, fetch: async () => value });
    testPlainResponses(test, entry, receive);
    testStreams(test, entry, receive);
    testErrorsOfFetch(test, entry, callOnce);
    testRetryAfter(test, entry, callOnce);
    testEvents(test, entry, call);
  }
};
