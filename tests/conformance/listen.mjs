// The emulator on a port, in Node: who is let in, what a client sees of a broken connection, and that everything ends with it.
import { request } from 'node:http';
import { createEmulator, listen, SocialPlusError } from 'social-plus-auth/emulator';
import { equal, match, ok, settled } from './harness.mjs';

/** One request as no `fetch` would send it. */
const raw = (url, { path = '/api/v3/sessions', body, ...options } = {}) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, ...options }, (answer) => {
      answer.resume().on('end', () => resolve(answer));
    });
    sent.on('error', reject).end(body);
  });

const served = async (body) => {
  const emulator = await createEmulator();
  const server = await listen(emulator);
  try {
    await body({ emulator, url: server.url, port: new URL(server.url).port });
  } finally {
    await server.close();
  }
};

const tests = {
  'it listens on loopback, on a free port': () =>
    served(async ({ url }) => {
      match(url, /^http:\/\/127\.0\.0\.1:\d+$/, 'url');
      equal((await fetch(`${url}/api/v3/sessions`)).status, 401, 'answer');
    }),
  'a foreign Host is refused and reaches nothing': () =>
    served(async ({ emulator, url, port }) => {
      for (const host of ['evil.test', `evil.test:${port}`, '127.0.0.1', `127.0.0.1:${port}.evil.test`, `127.0.0.1:${port}@evil.test`]) {
        equal((await raw(url, { headers: { host } })).statusCode, 403, host);
      }
      equal(emulator.requests.length, 0, 'requests');
      for (const host of ['127.0.0.1', 'LocalHost', '[::1]']) {
        equal((await raw(url, { headers: { host: `${host}:${port}` } })).statusCode, 401, host);
      }
    }),
  'a page may ask, but not with the server key': () =>
    served(async ({ url }) => {
      const origin = 'http://localhost:3000';
      const asked = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } };
      const { statusCode, headers } = await raw(url, asked);
      equal([statusCode, headers['access-control-allow-origin'], headers['content-length']], [204, origin, undefined], 'preflight');
      const allowed = headers['access-control-allow-headers'].split(', ');
      equal(allowed, ['authorization', 'content-type', 'set-access-token-cookie', 'x-api-key'], 'headers');
    }),
  'a connection that breaks, before the head or in the body': () =>
    served(async ({ emulator, url }) => {
      for (const drop of [true, 'afterHandling']) {
        emulator.faults.add({ drop });
        ok((await settled(() => fetch(url))).error instanceof TypeError, 'dropped');
      }
      for (const truncateAt of [0, 5]) {
        emulator.faults.add({ truncateAt });
        const answer = await fetch(url);
        ok(Number(answer.headers.get('content-length')) > 5, 'content-length');
        ok((await settled(() => answer.text())).error instanceof TypeError, 'broken off');
      }
      equal((await fetch(url)).status, 404, 'and then all is well');
    }),
  'junk is refused, and a client that leaves in mid-body harms nobody': () =>
    served(async ({ emulator, url }) => {
      equal((await raw(url, { method: 'TRACE' })).statusCode, 400, 'a method that fetch does not know');
      equal((await raw(url, { path: '//evil.test/%zz' })).statusCode, 404, 'an odd path');
      const left = request(`${url}/api/v5/sessions`, { method: 'POST', headers: { 'content-length': 100 } }).on('error', () => {});
      left.on('socket', (socket) => socket.on('connect', () => socket.destroy()));
      left.write('abc');
      await new Promise((resolve) => left.on('close', resolve));
      const big = await settled(() => raw(url, { method: 'POST', path: '/api/v5/sessions', body: 'x'.repeat(11 << 20) }));
      ok(big.value === undefined || big.value.statusCode === 413, 'a body without end');
      equal((await fetch(url)).status, 404, 'still there');
      equal(emulator.requests.some(({ path }) => path === '/api/v5/sessions'), false, 'nothing of it came in');
    }),
  'closing ends what is under way, and twice is once': async () => {
    const emulator = await createEmulator();
    const server = await listen(emulator);
    emulator.faults.add({ delayMs: 60_000 });
    const pending = settled(() => fetch(server.url));
    while (emulator.requests.length === 0) await new Promise((resolve) => setTimeout(resolve));
    await Promise.all([server.close(), server.close()]);
    ok((await pending).error instanceof TypeError, 'under way');
    ok((await settled(() => fetch(server.url))).error instanceof TypeError, 'closed');
  },
  'options that cannot be used are refused': () =>
    served(async ({ emulator, port }) => {
      for (const [options, kind, naming] of [
        [{ hostname: '0.0.0.0' }, 'config', /unsafeExpose/], [{ hostname: '' }, 'config', /hostname/],
        [{ port: -1 }, 'config', /port/], [{ port: '80' }, 'config', /port/],
        [{ port: Number(port) }, 'config', /EADDRINUSE/], [{ host: 'localhost' }, 'config', /host/], [{ tls: true }, 'unsupported', /tls/],
      ]) {
        const { error } = await settled(() => listen(emulator, options));
        ok(SocialPlusError.is(error), `no SocialPlusError: ${error}`);
        equal(error.kind, kind, 'kind');
        match(error.message, naming, 'message');
      }
    }),
};

/** As `runTests` takes them. */
export const listening = Object.entries(tests).map(([name, body]) => ({ name: `listen · ${name}`, body }));
