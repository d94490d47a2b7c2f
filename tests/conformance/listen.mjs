// The emulator on a port, in Node: who is let in, with which certificate, what a client sees of a
// broken connection, and that everything ends with it.
import { request } from 'node:http';
import { Agent, request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { createEmulator, listen, SocialPlusError } from 'social-plus-auth/emulator';
import { keyAndRequest } from './csr.mjs';
import { equal, match, ok, settled, until } from './harness.mjs';

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

/** Throws where a port, or a `fetch`, would be. */
const get = () => {
  throw new Error('its own affair');
};
const unreadable = Object.defineProperties({}, { port: { enumerable: true, get }, fetch: { get } });

const tests = {
  'it listens on loopback, on a free port': () =>
    served(async ({ url }) => {
      match(url, /^http:\/\/127\.0\.0\.1:\d+$/, 'url');
      equal((await fetch(`${url}/api/v3/sessions`)).status, 401, 'answer');
    }),
  'a foreign Host is refused and reaches nothing': () =>
    served(async ({ emulator, url, port }) => {
      for (const host of [
        'evil.test',
        `evil.test:${port}`,
        '127.0.0.1',
        `127.0.0.1:${port}.evil.test`,
        `127.0.0.1:${port}@evil.test`,
      ]) {
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
      const asked = {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      };
      const { statusCode, headers } = await raw(url, asked);
      equal(
        [statusCode, headers['access-control-allow-origin'], headers['content-length']],
        [204, origin, undefined],
        'preflight',
      );
      const allowed = headers['access-control-allow-headers'].split(', ');
      equal(
        allowed,
        ['authorization', 'content-type', 'set-access-token-cookie', 'x-api-key'],
        'headers',
      );
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
      equal(
        (await raw(url, { method: 'TRACE' })).statusCode,
        400,
        'a method that fetch does not know',
      );
      equal((await raw(url, { path: '//evil.test/%zz' })).statusCode, 404, 'an odd path');
      const left = request(`${url}/api/v5/sessions`, {
        method: 'POST',
        headers: { 'content-length': 100 },
      }).on('error', () => {});
      left.on('socket', (socket) => socket.on('connect', () => socket.destroy()));
      left.write('abc');
      await new Promise((resolve) => left.on('close', resolve));
      const big = await settled(() =>
        raw(url, { method: 'POST', path: '/api/v5/sessions', body: 'x'.repeat(11 << 20) }),
      );
      ok(big.value === undefined || big.value.statusCode === 413, 'a body without end');
      equal((await fetch(url)).status, 404, 'still there');
      equal(
        emulator.requests.some(({ path }) => path === '/api/v5/sessions'),
        false,
        'nothing of it came in',
      );
    }),
  'closing ends what is under way, and twice is once': async () => {
    const emulator = await createEmulator();
    const server = await listen(emulator);
    emulator.faults.add({ delayMs: 60_000 });
    const pending = settled(() => fetch(server.url));
    await until(() => emulator.requests.length > 0, 'the request');
    await Promise.all([server.close(), server.close()]);
    ok((await pending).error instanceof TypeError, 'under way');
    ok((await settled(() => fetch(server.url))).error instanceof TypeError, 'closed');
  },
  'options that cannot be used are refused': () =>
    served(async ({ emulator, port }) => {
      for (const [options, kind, naming] of [
        [{ hostname: '0.0.0.0' }, 'config', /unsafeExpose/],
        [{ hostname: '' }, 'config', /hostname/],
        [{ port: -1 }, 'config', /port/],
        [{ port: '80' }, 'config', /port/],
        [{ port: Number(port) }, 'config', /EADDRINUSE/],
        [{ host: 'localhost' }, 'config', /host/],
        [{ tls: 'yes' }, 'config', /tls/],
        [null, 'config', /object/],
        [8080, 'config', /object/],
        [unreadable, 'config', /object/],
      ]) {
        const { error } = await settled(() => listen(emulator, options));
        ok(SocialPlusError.is(error), `no SocialPlusError: ${error}`);
        equal(error.kind, kind, 'kind');
        match(error.message, naming, 'message');
      }
      const copied = await settled(() => listen({ ...emulator }, { tls: true }));
      equal(
        [copied.error?.kind, /very object/.test(copied.error?.message)],
        ['config', true],
        'an object that knows no certificate',
      );
      for (const given of [
        null,
        undefined,
        7,
        'x',
        {},
        { fetch },
        globalThis,
        { apiKey: 'x' },
        unreadable,
        Promise.resolve(emulator),
      ]) {
        const { value, error } = await settled(() => listen(given));
        await value?.close();
        ok(SocialPlusError.is(error), `no SocialPlusError: ${error}`);
        equal(
          [error.kind, error.operation, /createEmulator/.test(error.message)],
          ['config', 'listen', true],
          'what is no emulator',
        );
      }
    }),
};

/**
 * An emulator over TLS, and one call with the certificate that a client shows: its status, or
 * `closed` if the connection was.
 */
const guarded = async (options, body) => {
  const emulator = await createEmulator({ secureMode: true, mtls: true, ...options });
  const server = await listen(emulator, { tls: true });
  const mint = '/api/v4/authentication/token';
  const call = (shown, path = mint, method = 'POST') =>
    new Promise((resolve) => {
      const headers = {
        'content-type': 'application/json',
        'x-api-key': emulator.apiKey,
        'x-server-key': emulator.serverKey,
      };
      const sent = secureRequest(
        server.url + path,
        { method, headers, ca: server.caCertificate, ...shown },
        (answer) => {
          const { socket } = answer;
          const resumed = socket.isSessionReused();
          answer
            .resume()
            .on('end', () =>
              resolve({ status: answer.statusCode, protocol: socket.getProtocol(), resumed }),
            );
        },
      );
      sent.on('error', ({ code }) => resolve({ status: code === 'ECONNRESET' ? 'closed' : code }));
      sent.end(method === 'POST' ? '{"userId":"ada","deviceId":"d"}' : undefined);
    });
  try {
    await body({ emulator, server, call });
  } finally {
    await server.close();
  }
};

const overTls = {
  'its certificate is good for loopback by every name, and for nobody who does not know the authority':
    () =>
      guarded({ mtls: false, now: 0 }, async ({ emulator, server, call }) => {
        match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/, 'url');
        match(server.caCertificate, /^-----BEGIN CERTIFICATE-----\n/, 'authority');
        equal(
          (await call()).status,
          200,
          'no certificate is asked for without mTLS, and the clock stands in 1970',
        );
        const { port } = new URL(server.url);
        const hello = (options) => call({ host: 'localhost', port, ...options }, '/nowhere', 'GET');
        equal(
          (await hello({ family: 4, headers: { host: `localhost:${port}` } })).status,
          404,
          'localhost',
        );
        equal(
          (await hello({ servername: 'localhost', headers: { host: `evil.test:${port}` } })).status,
          403,
          'a foreign Host',
        );
        equal(
          (await call({ ca: undefined })).status,
          'SELF_SIGNED_CERT_IN_CHAIN',
          'unknown authority',
        );
        const again = await listen(emulator, { tls: true });
        equal(again.caCertificate, server.caCertificate, 'one authority');
        await again.close();
      }),
  'closing ends those that are still shaking hands': () =>
    guarded({}, async ({ server }) => {
      const socket = connect(new URL(server.url).port, '127.0.0.1').on('error', () => {});
      await new Promise((resolve) => socket.on('connect', resolve));
      const gone = new Promise((resolve) => socket.on('close', resolve));
      await server.close();
      await gone;
    }),
};
for (const version of ['TLSv1.2', 'TLSv1.3']) {
  overTls[
    `${version}: the protected calls are answered with the right certificate, all others with any`
  ] = () =>
    guarded({ now: 1e12 }, async ({ emulator, call }) => {
      const { key, csr } = keyAndRequest('token service');
      const cert = await emulator.createCertificate({ name: 'one', csr });
      const expired = await emulator.createCertificate({
        name: 'two',
        csr,
        notAfter: new Date(1e12 - 1000),
      });
      const other = await createEmulator({ secureMode: true });
      const foreign = await other.createCertificate({ name: 'one', csr });
      const on = { minVersion: version, maxVersion: version };
      const right = await call({ ...on, key, cert });
      equal([right.status, right.protocol], [200, version], 'the right one');
      for (const [what, shown] of Object.entries({
        none: {},
        expired: { key, cert: expired },
        foreign: { key, cert: foreign },
      })) {
        const before = emulator.requests.length;
        equal((await call({ ...on, ...shown })).status, 'closed', what);
        equal(
          emulator.requests.slice(before).map(({ status }) => status),
          [0],
          `${what}: unanswered`,
        );
        equal(
          (await call({ ...on, ...shown }, '/api/v5/sessions/visitor')).status,
          200,
          `${what}: an unprotected call`,
        );
      }
      const agent = new Agent({ ...on, key, cert });
      const resumed = [await call({ agent }), await call({ agent })];
      equal(
        resumed.map(({ status }) => status),
        [200, 200],
        'a resumed handshake knows its certificate',
      );
      emulator.clock.advance(366 * 86_400_000);
      equal(
        [(await call({ ...on, key, cert })).status, (await call({ agent })).status],
        ['closed', 'closed'],
        'a year later',
      );
    });
}

/** As `runTests` takes them. */
export const listening = [
  ...Object.entries(tests).map(([name, body]) => ({ name: `listen · ${name}`, body })),
  ...Object.entries(overTls).map(([name, body]) => ({ name: `listen over TLS · ${name}`, body })),
];
