// The request bodies that the auth routes read, ignore, or cancel.
import { equal, ok, secret } from './harness.mjs';
import { assertProblem, assertSuccess, openHandler } from './handler-helpers.mjs';

const withType = (type, body = '{"deviceId":"d"}') => ({ headers: { 'content-type': type }, body });

const acceptedBodies = (test, lib) => {
  test('a user id in the body is ignored', async () => {
    const { json, service } = await openHandler(lib);
    for (const userId of ['eve', '', null, 42, { $ne: 1 }, 'x'.repeat(99)]) {
      const session = assertSuccess(
        await json('/auth/session', {
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
      ok(session.user.displayName !== 'Eve', 'the display name of the body was used');
      secret(session.accessToken);
    }
    equal(
      service.users().map(({ userId }) => userId),
      ['ada'],
      'users of the service',
    );
  });
  test('a header that overrides the method is ignored', async () => {
    const { json } = await openHandler(lib);
    assertSuccess(
      await json('/auth/token', {}, { headers: { 'x-http-method-override': 'DELETE' } }),
    );
  });
  test('a body of 16 KiB is accepted', async () =>
    assertSuccess(
      await (
        await openHandler(lib)
      ).ask('/auth/session', { body: '{"deviceId":"d"}'.padEnd(16_384) }),
    ));
  test('parameters and upper case in the content type are accepted', async () => {
    const { ask } = await openHandler(lib);
    for (const type of [
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8',
      'Application/JSON',
      'application/json ; x=y',
    ])
      assertSuccess(await ask('/auth/session', withType(type)));
  });
  test('a body that never ends is cancelled at the limit', async () => {
    let pulled = 0;
    let isCancelled = false;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1024).fill(32));
      },
      cancel() {
        isCancelled = true;
      },
    });
    const { ask } = await openHandler(lib);
    assertProblem(await ask('/auth/token', { body, duplex: 'half' }), 413, 'invalidRequest');
    ok(pulled < 40, `${pulled} KiB were read`);
    ok(isCancelled, 'the stream was not cancelled');
  });
  test('a body that is interrupted is a 400', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"deviceId":'));
        controller.error(new Error('broken'));
      },
    });
    assertProblem(
      await (await openHandler(lib)).ask('/auth/session', { body, duplex: 'half' }),
      400,
      'invalidRequest',
    );
  });
};

/** Creates a body that stalls after its start. `cancelled` resolves when the reader cancels it. */
const createStalledBody = () => {
  let cancel;
  const cancelled = new Promise((resolve) => (cancel = resolve));
  const start = (controller) => controller.enqueue(new TextEncoder().encode('{"deviceId":"d"'));
  return { init: { body: new ReadableStream({ start, cancel }), duplex: 'half' }, cancelled };
};

const stalledBodies = (test, lib) => {
  for (const route of ['token', 'session', 'visitor']) {
    test(`a body to /${route} that stalls is cancelled at the timeout, with a 408`, async () => {
      const { ask, service } = await openHandler(lib, { timeoutMs: 200 });
      const { init, cancelled } = createStalledBody();
      assertProblem(await ask(`/auth/${route}`, init), 408, 'timeout');
      await cancelled;
      equal(service.requests.length, 0, 'requests');
    });
  }
  test('a body that stalls is cancelled when the client disconnects', async () => {
    const { ask } = await openHandler(lib, { timeoutMs: 60_000 });
    const { init, cancelled } = createStalledBody();
    const controller = new AbortController();
    const pending = ask('/auth/visitor', { ...init, signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort();
    equal((await pending).status, 499, 'status');
    await cancelled;
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  acceptedBodies(test, lib);
  stalledBodies(test, lib);
};
