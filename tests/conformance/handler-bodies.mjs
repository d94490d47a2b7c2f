// Tests which request bodies the auth routes accept, ignore or cancel.
import { equal, ok, registerSecret } from './harness.mjs';
import { APP_ORIGIN, assertProblem, assertSuccess, openHandler } from './handler-helpers.mjs';

const createBodyOfType = (type, body = '{"deviceId":"d"}') => ({
  headers: { 'content-type': type },
  body,
});

const testAcceptedBodies = (test, lib) => {
  test('a user id and a display name in the body are ignored', async () => {
    const { postJson, service } = await openHandler(lib);
    for (const userId of ['eve', '', null, 42, { $ne: 1 }, 'x'.repeat(99)]) {
      const session = assertSuccess(
        await postJson('/auth/session', {
          deviceId: 'd',
          userId,
          user: { userId },
          authToken: 'x',
          displayName: 'Eve',
          apiKey: 'x',
          signal: {},
        }),
      );
      equal(session.userId, 'ada', 'userId');
      ok(session.user.displayName !== 'Eve', 'the handler used the display name in the body');
      registerSecret(session.accessToken);
    }
    equal(
      service.users().map(({ userId }) => userId),
      ['ada'],
      'users of the service',
    );
  });
  test('a header that overrides the method is ignored', async () => {
    const { postJson } = await openHandler(lib);
    assertSuccess(
      await postJson('/auth/token', {}, { headers: { 'x-http-method-override': 'DELETE' } }),
    );
  });
  test('a body of 16 KiB is accepted', async () =>
    assertSuccess(
      await (
        await openHandler(lib)
      ).sendRequest('/auth/session', { body: '{"deviceId":"d"}'.padEnd(16_384) }),
    ));
  test('parameters and upper case in the content type are accepted', async () => {
    const { sendRequest } = await openHandler(lib);
    for (const type of [
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8',
      'Application/JSON',
      'application/json ; x=y',
    ])
      assertSuccess(await sendRequest('/auth/session', createBodyOfType(type)));
  });
  test('a body that never ends is cancelled at the limit', async () => {
    let pulledKiB = 0;
    let isCancelled = false;
    const body = new ReadableStream({
      pull(controller) {
        pulledKiB += 1;
        controller.enqueue(new Uint8Array(1024).fill(32));
      },
      cancel() {
        isCancelled = true;
      },
    });
    const { sendRequest } = await openHandler(lib);
    assertProblem(
      await sendRequest('/auth/token', { body, duplex: 'half' }),
      413,
      'invalidRequest',
    );
    ok(pulledKiB < 40, `${pulledKiB} KiB were read`);
    ok(isCancelled, 'the stream was not cancelled');
  });
  test('a body that consists of endless empty chunks is cancelled', async () => {
    let isCancelled = false;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(0)),
      cancel: () => void (isCancelled = true),
    });
    // Some engines drop empty chunks of a `Request`.
    const { handler } = await openHandler(lib);
    const headers = { origin: APP_ORIGIN, cookie: 'ada', 'content-type': 'application/json' };
    const url = `${APP_ORIGIN}/auth/token`;
    const request = { url, method: 'POST', headers: new Headers(headers), body, bodyUsed: false };
    equal((await handler(request)).status, 413, 'status');
    ok(isCancelled, 'the stream was not cancelled');
  });
  test('the response to an interrupted body is a 400', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"deviceId":'));
        controller.error(new Error('broken'));
      },
    });
    assertProblem(
      await (await openHandler(lib)).sendRequest('/auth/session', { body, duplex: 'half' }),
      400,
      'invalidRequest',
    );
  });
};

/** Creates a body that stalls after its start. `cancelled` resolves once the reader cancels it. */
const createStalledBody = () => {
  let cancel;
  const cancelled = new Promise((resolve) => (cancel = resolve));
  const start = (controller) => controller.enqueue(new TextEncoder().encode('{"deviceId":"d"'));
  return { init: { body: new ReadableStream({ start, cancel }), duplex: 'half' }, cancelled };
};

const testStalledBodies = (test, lib) => {
  for (const route of ['token', 'session', 'visitor']) {
    test(`a stalled body to /${route} is cancelled at the timeout and gets a 408`, async () => {
      const { sendRequest, service } = await openHandler(lib, { timeoutMs: 200 });
      const { init, cancelled } = createStalledBody();
      assertProblem(await sendRequest(`/auth/${route}`, init), 408, 'timeout');
      await cancelled;
      equal(service.requests.length, 0, 'requests');
    });
  }
  test('a body that stalls is cancelled when the client disconnects', async () => {
    const { sendRequest, events } = await openHandler(lib, { timeoutMs: 60_000 });
    const { init, cancelled } = createStalledBody();
    const controller = new AbortController();
    const pending = sendRequest('/auth/visitor', { ...init, signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort();
    equal((await pending).status, 499, 'status');
    equal(events.at(-1).detail, 'aborted: The client disconnected.', 'detail of the event');
    await cancelled;
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testAcceptedBodies(test, lib);
  testStalledBodies(test, lib);
};
