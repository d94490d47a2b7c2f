// Creates an emulator, with functions for the calls that several test files make.
import { registerSecret } from './harness.mjs';
import { resolves } from './helpers.mjs';

const START_MS = Date.UTC(2026, 0, 1);

/**
 * Creates an emulator, by default in secure mode, and functions that call it. Registers the server
 * key, the admin token and the visitor secret as secrets, but not the API key, which is public.
 */
export const startEmulator = async ({ emulator, browser, edge }, options = {}) => {
  const service = await emulator.createEmulator({
    secureMode: true,
    now: START_MS,
    seed: 7,
    ...options,
  });
  const { fetch } = service;
  for (const key of ['serverKey', 'adminToken', 'visitorSecret'])
    if (typeof service[key] === 'string') registerSecret(service[key]);
  const clientOptions = { region: 'eu', apiKey: service.apiKey, fetch };
  /** Mints an auth token with the edge entry or, in a browser, with a v4 request. */
  const mint = async (userId, apiVersion) => {
    if (edge)
      return registerSecret(
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
    return registerSecret(JSON.parse(await response.text()));
  };
  const signIn = async (userId, request = {}, options = {}) => {
    const session = await resolves(
      async () =>
        browser.createSession(
          { ...clientOptions, ...options },
          {
            userId,
            deviceId: `device of ${userId}`,
            ...request,
            authToken: 'authToken' in request ? request.authToken : await mint(userId),
          },
        ),
      `createSession for ${userId}`,
    );
    registerSecret(session.accessToken);
    if (session.refreshToken) registerSecret(session.refreshToken);
    return session;
  };
  const verify = (accessToken, options) =>
    resolves(() => browser.verifySession({ region: 'eu', fetch, ...options }, accessToken));
  return { service, clientOptions, mint, signIn, verify };
};
