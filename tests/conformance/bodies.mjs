// Tests how the library reads the body of a response. It accepts at most 1 MiB. Each call must
// settle, even if the body is endless, interrupted, stalled or already read.
import { ok, waitOneTurn } from './harness.mjs';
import {
  CANARY,
  createResponse,
  listEntries,
  respondWithSuccess,
  listOperations,
  createRecordingFetch,
  rejects,
  resolves,
} from './helpers.mjs';

const MIB = 1 << 20;
const json = { 'content-type': 'application/json' };
const noRetry = { retry: false };
const tooLarge = { kind: 'invalidResponse', retryable: false };

/**
 * Creates a response with a streamed body. `pull` receives the stream's controller and the number
 * of earlier pulls. `seen` holds the number of pulls and whether the reader cancelled the stream.
 */
const createStreamedResponse = (pull, init = { headers: json }) => {
  const seen = { pulls: 0, isCancelled: false };
  const stream = new ReadableStream({
    pull: (controller) => pull(controller, seen.pulls++),
    cancel: () => void (seen.isCancelled = true),
  });
  return { seen, response: new Response(stream, init) };
};
const padWithSpaces = (text, bytes) => text + ' '.repeat(bytes - text.length);

const testSizes = (test, name, call) => {
  test(`${name}: accepts a body of exactly 1 MiB`, () =>
    resolves(() =>
      call({
        ...noRetry,
        fetch: async (url, init) => {
          const text = await respondWithSuccess(url, init).text();
          return createResponse(padWithSpaces(text, MIB));
        },
      }),
    ));
  test(`${name}: rejects a body of 1 MiB and one byte`, () =>
    rejects(
      () =>
        call({
          ...noRetry,
          fetch: async (url, init) =>
            createResponse(padWithSpaces(await respondWithSuccess(url, init).text(), MIB + 1)),
        }),
      tooLarge,
    ));
  test(`${name}: rejects a body of over 1 MiB that has fewer than 1 Mi characters`, () =>
    rejects(
      () => call({ ...noRetry, fetch: async () => createResponse(`"${'字'.repeat(MIB / 2)}"`) }),
      tooLarge,
    ));
  test(`${name}: rejects a body whose content-length is over 1 MiB`, async () => {
    const { response } = createStreamedResponse(
      (controller) => controller.enqueue(new Uint8Array(65_536)),
      {
        headers: { ...json, 'content-length': String(2 * MIB) },
      },
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), tooLarge);
  });
  test(`${name}: rejects a body over 1 MiB despite a smaller content-length`, async () => {
    const { response } = createStreamedResponse(
      (controller) => controller.enqueue(new Uint8Array(65_536)),
      {
        headers: { ...json, 'content-length': '2' },
      },
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), tooLarge);
  });
  test(`${name}: ignores an invalid content-length`, async () => {
    for (const length of ['abc', '-1', '', '1e3', '2, 2']) {
      await resolves(
        () =>
          call({
            fetch: async (url, init) => {
              const real = respondWithSuccess(url, init);
              return {
                status: 200,
                ok: true,
                type: 'basic',
                headers: {
                  get: (key) =>
                    key.toLowerCase() === 'content-length' ? length : real.headers.get(key),
                },
                body: real.body,
                text: () => real.text(),
                arrayBuffer: () => real.arrayBuffer(),
              };
            },
          }),
        `content-length ${length}`,
      );
    }
  });
  test(`${name}: rejects an endless body after 1 to 2 MiB and cancels its stream`, async () => {
    const { seen, response } = createStreamedResponse((controller) =>
      controller.enqueue(new Uint8Array(65_536)),
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), tooLarge);
    ok(seen.pulls >= 16 && seen.pulls <= 32, `pulled 64 KiB ${seen.pulls} times`);
    ok(seen.isCancelled, 'the stream was not cancelled');
  });
  test(`${name}: rejects an endless error page and cancels its stream`, async () => {
    const { seen, response } = createStreamedResponse(
      (controller) => controller.enqueue(new Uint8Array(65_536)),
      { status: 503 },
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), {
      kind: ['server', 'invalidResponse'],
    });
    ok(seen.isCancelled, 'the stream was not cancelled');
  });
};

const testStreams = (test, name, call) => {
  test(`${name}: times out and cancels the stream or the request if the body stalls`, async () => {
    const { seen, response } = createStreamedResponse((controller, earlierPulls) =>
      earlierPulls ? new Promise(() => {}) : controller.enqueue(new Uint8Array([123])),
    );
    const fetch = createRecordingFetch(async () => response);
    await rejects(() => call({ ...noRetry, timeoutMs: 5, fetch }), {
      kind: 'timeout',
      retryable: true,
      attempts: 1,
    });
    ok(
      seen.isCancelled || fetch.calls[0].init.signal.aborted,
      'neither the stream nor the request was cancelled',
    );
  });
  test(`${name}: rejects an endless body of empty chunks`, async () => {
    const readEmptyChunk = () =>
      waitOneTurn().then(() => ({ done: false, value: new Uint8Array(0) }));
    const body = {
      getReader: () => ({ read: readEmptyChunk, cancel: async () => {}, releaseLock() {} }),
      cancel: async () => {},
    };
    await rejects(
      () =>
        call({
          ...noRetry,
          timeoutMs: 20,
          fetch: async () => ({
            status: 200,
            ok: true,
            type: 'basic',
            headers: new Headers(json),
            body,
            bodyUsed: false,
          }),
        }),
      { kind: ['timeout', 'invalidResponse'] },
    );
  });
  test(`${name}: stops reading a body after the timeout`, async () => {
    const { seen, response } = createStreamedResponse((controller) =>
      waitOneTurn().then(() => controller.enqueue(new Uint8Array([32]))),
    );
    await rejects(() => call({ ...noRetry, timeoutMs: 5, fetch: async () => response }), {
      kind: 'timeout',
    });
    const { pulls } = seen;
    for (let n = 0; n < 5; n++) await waitOneTurn();
    ok(seen.pulls <= pulls + 2, `${seen.pulls - pulls} pulls after the timeout`);
  });
  test(`${name}: reports an interrupted body as a network error`, async () => {
    const { response } = createStreamedResponse((controller, earlierPulls) =>
      earlierPulls
        ? controller.error(new Error(CANARY))
        : controller.enqueue(new Uint8Array([123])),
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), {
      kind: 'network',
      retryable: true,
    });
  });
  test(`${name}: rejects a body of strings instead of bytes`, async () => {
    const { seen, response } = createStreamedResponse((controller) => controller.enqueue('{}'));
    await rejects(() => call({ ...noRetry, fetch: async () => response }), {
      kind: ['network', 'invalidResponse'],
    });
    ok(seen.pulls <= 3, `pulled ${seen.pulls} strings`);
    ok(seen.isCancelled, 'the stream was not cancelled');
  });
  test(`${name}: rejects a response whose body was already read`, async () => {
    await rejects(
      () =>
        call({
          ...noRetry,
          fetch: async (url, init) => {
            const response = respondWithSuccess(url, init);
            await response.text();
            return response;
          },
        }),
      { kind: ['invalidResponse', 'network'] },
    );
  });
  test(`${name}: rejects a response whose body is locked`, async () => {
    await rejects(
      () =>
        call({
          ...noRetry,
          fetch: async (url, init) => {
            const response = respondWithSuccess(url, init);
            response.body.getReader();
            return response;
          },
        }),
      { kind: ['invalidResponse', 'network'] },
    );
  });
  test(`${name}: rejects if fetch returns the same response object at every attempt`, async () => {
    const response = createResponse('{}', { status: 503 });
    await rejects(
      () =>
        call({
          retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
          fetch: async () => response,
        }),
      {
        kind: ['server', 'network', 'invalidResponse'],
      },
    );
  });
  test(`${name}: times out if fetch never settles and ignores its signal`, async () => {
    const fetch = createRecordingFetch(() => new Promise(() => {}));
    await rejects(() => call({ ...noRetry, timeoutMs: 5, fetch }), {
      kind: 'timeout',
      retryable: true,
      attempts: 1,
      status: undefined,
    });
    ok(fetch.calls[0].init.signal.aborted, 'the signal of the request is not aborted');
  });
  test(`${name}: ignores a response or error after the timeout`, async () => {
    const pending = [];
    const fetch = () => new Promise((resolve, reject) => pending.push([resolve, reject]));
    for (const settle of [
      ([resolve]) => resolve(createResponse({})),
      ([, reject]) => reject(new Error(CANARY)),
      ([resolve]) => resolve(undefined),
      ([resolve]) => resolve(createStreamedResponse(() => {}).response),
    ]) {
      await rejects(() => call({ ...noRetry, timeoutMs: 5, fetch }), { kind: 'timeout' });
      settle(pending.pop());
    }
  });
  test(`${name}: times out if reading the body never settles`, () => {
    const neverSettle = () => new Promise(() => {});
    const response = {
      status: 200,
      ok: true,
      type: 'basic',
      headers: new Headers(json),
      body: { getReader: () => ({ read: neverSettle, cancel: neverSettle, releaseLock() {} }) },
      bodyUsed: false,
      text: neverSettle,
      arrayBuffer: neverSettle,
    };
    return rejects(() => call({ ...noRetry, timeoutMs: 5, fetch: async () => response }), {
      kind: 'timeout',
    });
  });
};

export default ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    for (const { operation, call } of listOperations(api)) {
      const name = `${entry} ${operation}`;
      testSizes(test, name, call);
      testStreams(test, name, call);
    }
  }
};
