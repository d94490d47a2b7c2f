// What is said of an access token is the service's own word: a proxy's page is none, and the answer
// to a revoke may be lost. And visitors and bots.
import { equal } from './harness.mjs';
import {
  ACCESS_TOKEN,
  answer,
  entries,
  resolves,
  recordingFetch,
  rejects,
  rejectsUnsent,
} from './helpers.mjs';

const HTML = { headers: { 'content-type': 'text/html' } };
const quick = { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 };

export default ({ test, lib, vectors }) => {
  for (const [entry, api] of entries(lib)) {
    const verify = (fetch) =>
      api.verifySession({ region: 'eu', fetch, retry: false }, ACCESS_TOKEN);
    for (const [status, code, reason] of [
      [401, 400100, 'unauthorized'],
      [403, 400312, 'banned'],
      [404, 400400, 'notFound'],
    ]) {
      test(`${entry}: ${code} is the verdict ${reason}, whatever the status`, async () => {
        for (const said of [status, 400]) {
          const fetch = recordingFetch(async () =>
            answer({ status: 'error', code, message: 'x' }, { status: said }),
          );
          equal(await resolves(() => verify(fetch)), { valid: false, reason }, 'verdict');
        }
      });
    }
    test(`${entry}: a plain 401 is one too`, async () => {
      equal(
        await resolves(() =>
          verify(recordingFetch(async () => answer('Unauthorized', { status: 401 }))),
        ),
        { valid: false, reason: 'unauthorized' },
        'verdict',
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
      test(`${entry}: ${status} ${JSON.stringify(body)} says nothing of the token`, () =>
        rejects(
          () =>
            verify(
              recordingFetch(async () =>
                answer(body, { status, ...(typeof body === 'string' && HTML) }),
              ),
            ),
          { status, ...(kind && { kind }) },
        ));
    }
    test(`${entry}: an error in a 200 is that error`, async () => {
      equal(
        await resolves(() =>
          verify(recordingFetch(async () => answer({ status: 'error', code: 400312 }))),
        ),
        { valid: false, reason: 'banned' },
        'verdict',
      );
    });
    test(`${entry}: a revoke whose answer was lost is a revoke; one that is refused at once is not`, async () => {
      const gone = async () => answer({ status: 'error', code: 400100 }, { status: 401 });
      const lost = recordingFetch([() => Promise.reject(new Error('cut')), gone]);
      await resolves(() =>
        api.revokeSession({ region: 'eu', fetch: lost, retry: quick }, ACCESS_TOKEN),
      );
      await rejects(
        () =>
          api.revokeSession(
            { region: 'eu', fetch: recordingFetch(gone), retry: quick },
            ACCESS_TOKEN,
          ),
        { kind: 'unauthorized', attempts: 1 },
      );
    });

    const started = async (options) => {
      const service = await lib.emulator.createEmulator(options);
      return {
        service,
        open: { endpoint: 'https://emulator.test', fetch: service.fetch, apiKey: service.apiKey },
      };
    };
    test(`${entry}: a visitor and a bot are signed in, and told who they are`, async () => {
      const { open } = await started();
      for (const [create, userType] of [
        ['createVisitorSession', 'visitor'],
        ['createBotSession', 'bot'],
      ]) {
        const session = await resolves(() =>
          api[create](open, { deviceId: 'dev-1', deviceInfo: { kind: 'web' } }),
        );
        equal(session.userType, userType, `${userType}: userType`);
        equal(session.userId, session.user.userId, `${userType}: userId`);
        equal(session.deviceId, 'dev-1', `${userType}: deviceId`);
      }
    });
    test(`${entry}: secure visitor mode wants a signature`, async () => {
      const { open } = await started({ secureVisitorMode: true });
      await rejects(() => api.createVisitorSession(open, { deviceId: 'dev-1' }), {
        kind: 'unauthorized',
        message: /signature/,
      });
    });
    const { authSignature, authSignatureExpiresAt } = vectors.signatures[0];
    for (const [name, request] of Object.entries({
      'half a signature': { authSignature },
      'the other half': { authSignatureExpiresAt },
      'a signature in capitals': {
        authSignature: authSignature.toUpperCase(),
        authSignatureExpiresAt,
      },
      'a short signature': { authSignature: authSignature.slice(1), authSignatureExpiresAt },
      'a device of 151': { deviceId: 'x'.repeat(151) },
      'no device': { deviceId: undefined },
    })) {
      test(`${entry}: ${name} is refused before it is sent`, () =>
        rejectsUnsent(
          (fetch) =>
            api.createVisitorSession(
              { region: 'eu', apiKey: 'ak', fetch },
              { deviceId: 'dev-1', ...request },
            ),
          { kind: 'invalidRequest' },
        ));
    }
    for (const apiVersion of ['v3', 'v4']) {
      test(`${entry}: there are no visitors in ${apiVersion}`, () =>
        rejectsUnsent(
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
