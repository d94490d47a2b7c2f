// Imports every entry and makes calls that succeed, fail, time out or are aborted. node.mjs runs
// this file as a process and checks that the process exits on its own.
import { createSession } from 'social-plus-auth';
import { createAuthToken } from 'social-plus-auth/edge';
import { createEmulator, listen } from 'social-plus-auth/emulator';

const MAX_TIMEOUT_MS = 2_147_483_647;
const emulator = await createEmulator({ secureMode: true });
const server = await listen(emulator);
const options = {
  endpoint: server.url,
  timeoutMs: MAX_TIMEOUT_MS,
  retry: { baseDelayMs: 1, maxDelayMs: 2 },
};
const { token } = await createAuthToken(
  { ...options, serverKey: emulator.serverKey },
  { userId: 'ada' },
);
const request = { userId: 'ada', deviceId: 'dev-1', authToken: token };
await createSession({ ...options, apiKey: emulator.apiKey }, request);
const controller = new AbortController();
const outcomes = await Promise.allSettled([
  createSession({ ...options, apiKey: 'not-a-key' }, request),
  createSession({ ...options, apiKey: 'k', fetch: () => null }, request),
  createSession(
    { ...options, apiKey: 'k', fetch: () => Promise.reject(new Error('down')) },
    request,
  ),
  createSession(
    { ...options, apiKey: 'k', timeoutMs: 5, fetch: () => new Promise(() => {}) },
    request,
  ),
  createSession(
    { ...options, apiKey: 'k', fetch: () => new Promise(() => controller.abort()) },
    { ...request, signal: controller.signal },
  ),
]);
await server.close();
if (outcomes.every(({ status }) => status === 'rejected')) console.log('done');
