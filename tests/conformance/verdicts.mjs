// Checks that only the service's own response, not a proxy's page, decides whether an access token
// is valid. A 401 in plain text counts as the service's response. Also tests the retry of a
// revocation, and sessions of visitors and bots.
import { equal } from './harness.mjs';
import {
  ACCESS_TOKEN,
  createResponse,
  listEntries,
  createRecordingFetch,
  rejects,
  rejectsWithoutRequest,
  resolves,
} from './helpers.mjs';

const HTML = { headers: { 'content-type': 'text/html' } };
const fastRetry = { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 };

export default ({ test, lib, vectors }) => {
  for (const [entry, api] of listEntries(lib)) {
    const verify = (fetch) =>
      api.verifySession({ region: 'eu', fetch, retry: false }, ACCESS_TOKEN);
    for (const [status, code, reason] of [
      [401, 400100, 'unauthorized'],
      [403, 400312, 'banned'],
      [404, 400400, 'notFound'],
    ]) {
      test(`${entry}: the code ${code} means ${reason}, even with the status 400`, async () => {
        for (const sentStatus of [status, 400]) {
          const fetch = createRecordingFetch(async () =>
            createResponse({ status: 'error', code, message: 'x' }, { status: sentStatus }),
          );
          equal(await resolves(() => verify(fetch)), { valid: false, reason }, 'result');
        }
      });
    }
    test(`${entry}: a plain-text 401 means unauthorized`, async () => {
      equal(
        await resolves(() =>
          verify(createRecordingFetch(async () => createResponse('Unauthorized', { status: 401 }))),
        ),
        { valid: false, reason: 'unauthorized' },
        'result',
      );
    });
    for (const [body, status, kind] of [
      ['<h1>blocked</h1>', 403, 'banned'],
      ['<h1>no such page</h1>', 404, 'notFound'],
      [{ status: 'error', code: 400300 }, 403, 'forbidden'],
      ['[]', 200, 'invalidResponse'],
      ['"yes"', 200, 'invalidResponse'],
      [{ status: 'error', code: 500000 }, 200, undefined],
    ]) {
      test(`${entry}: verifySession rejects on a ${status} with ${JSON.stringify(body)}`, () =>
        rejects(
          () =>
            verify(
              createRecordingFetch(async () =>
                createResponse(body, { status, ...(typeof body === 'string' && HTML) }),
              ),
            ),
          { status, ...(kind && { kind }) },
        ));
    }
    test(`${entry}: the code 400312 means banned, even with the status 200`, async () => {
      equal(
        await resolves(() =>
          verify(
            createRecordingFetch(async () => createResponse({ status: 'error', code: 400312 })),
          ),
        ),
        { valid: false, reason: 'banned' },
        'result',
      );
    });
    test(`${entry}: a 401 for a revocation means success only after a lost response`, async () => {
      const unauthorized = async () =>
        createResponse({ status: 'error', code: 400100 }, { status: 401 });
      const lost = createRecordingFetch([() => Promise.reject(new Error('cut')), unauthorized]);
      await resolves(() =>
        api.revokeSession({ region: 'eu', fetch: lost, retry: fastRetry }, ACCESS_TOKEN),
      );
      await rejects(
        () =>
          api.revokeSession(
            { region: 'eu', fetch: createRecordingFetch(unauthorized), retry: fastRetry },
            ACCESS_TOKEN,
          ),
        { kind: 'unauthorized', attempts: 1 },
      );
    });

    const startEmulator = async (options) => {
      const service = await lib.emulator.createEmulator(options);
      return {
        service,
        clientOptions: {
          endpoint: 'https://emulator.test',
          fetch: service.fetch,
          apiKey: service.apiKey,
        },
      };
    };
    test(`${entry}: the session of a visitor or bot names its user`, async () => {
      const { clientOptions } = await startEmulator();
      for (const [create, userType] of [
        ['createVisitorSession', 'visitor'],
        ['createBotSession', 'bot'],
      ]) {
        const session = await resolves(() =>
          api[create](clientOptions, { deviceId: 'dev-1', deviceInfo: { kind: 'web' } }),
        );
        equal(session.userType, userType, `${userType}: userType`);
        equal(session.userId, session.user.userId, `${userType}: userId`);
        equal(session.deviceId, 'dev-1', `${userType}: deviceId`);
      }
    });
    test(`${entry}: secure visitor mode requires a signature`, async () => {
      const { clientOptions } = await startEmulator({ secureVisitorMode: true });
      await rejects(() => api.createVisitorSession(clientOptions, { deviceId: 'dev-1' }), {
        kind: 'unauthorized',
        message: /signature/,
      });
    });
    const { authSignature, authSignatureExpiresAt } = vectors.signatures[0];
    for (const [name, request] of Object.entries({
      'a signature without its date': { authSignature },
      'a date without its signature': { authSignatureExpiresAt },
      'a signature in upper case': {
        authSignature: authSignature.toUpperCase(),
        authSignatureExpiresAt,
      },
      'a short signature': { authSignature: authSignature.slice(1), authSignatureExpiresAt },
      'a device id of 151 characters': { deviceId: 'x'.repeat(151) },
      'a missing device id': { deviceId: undefined },
    })) {
      test(`${entry}: createVisitorSession rejects ${name}`, () =>
        rejectsWithoutRequest(
          (fetch) =>
            api.createVisitorSession(
              { region: 'eu', apiKey: 'ak', fetch },
              { deviceId: 'dev-1', ...request },
            ),
          { kind: 'invalidRequest' },
        ));
    }
    for (const apiVersion of ['v3', 'v4']) {
      test(`${entry}: createBotSession rejects API ${apiVersion}`, () =>
        rejectsWithoutRequest(
          (fetch) =>
            api.createBotSession(
              { region: 'eu', apiKey: 'ak', apiVersion, fetch },
              { deviceId: 'dev-1' },
            ),
          { kind: 'config', message: /apiVersion/ },
        ));
    }
  }
};
