// Starts the emulator in secure mode and provides the calls that several topics make to it.
import { secret } from './harness.mjs';
import { resolves } from './helpers.mjs';

const START = Date.UTC(2026, 0, 1);

/**
 * Starts an emulator and returns it with functions that call it. Registers its keys as secrets,
 * except for the API key, which is public.
 */
export const startEmulator = async ({ emulator, browser, edge }, options = {}) => {
  const service = await emulator.createEmulator({
    secureMode: true,
    now: START,
    seed: 7,
    ...options,
  });
  const { fetch } = service;
  for (const key of ['serverKey', 'adminToken', 'visitorSecret'])
    if (typeof service[key] === 'string') secret(service[key]);
  const open = { region: 'eu', apiKey: service.apiKey, fetch };
  /** Mints an auth token with the edge entry or, in a browser, with the plain request. */
  const mint = async (userId, apiVersion) => {
    if (edge)
      return secret(
        (
          await resolves(() =>
            edge.createAuthToken(
              { region: 'eu', serverKey: service.serverKey, fetch, apiVersion },
              { userId },
            ),
          )
        ).token,
      );
    const response = await fetch('https://apix.eu.amity.co/api/v4/authentication/token', {
      method: 'POST',
      body: JSON.stringify({ userId }),
      headers: {
        'x-server-key': service.serverKey,
        'content-type': 'application/json',
        accept: 'application/json, text/plain',
      },
    });
    return secret(JSON.parse(await response.text()));
  };
  const signIn = async (userId, request = {}, options = {}) => {
    const session = await resolves(
      async () =>
        browser.createSession(
          { ...open, ...options },
          {
            userId,
            deviceId: `device of ${userId}`,
            ...request,
            authToken: 'authToken' in request ? request.authToken : await mint(userId),
          },
        ),
      `createSession for ${userId}`,
    );
    secret(session.accessToken);
    if (session.refreshToken) secret(session.refreshToken);
    return session;
  };
  const verify = (accessToken, options) =>
    resolves(() => browser.verifySession({ region: 'eu', fetch, ...options }, accessToken));
  return { service, open, mint, signIn, verify };
};
