// Tests the emulator as a server in Node: the Host check, CORS, broken connections, closing,
// options, and client certificates.
import { request } from 'node:http';
import { Agent, request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { createEmulator, listen, SocialPlusError } from 'social-plus-auth/emulator';
import { createKeyAndRequest } from './csr.mjs';
import { equal, match, ok, getOutcome, waitUntil } from './harness.mjs';

/**
 * Sends a request with node:http, which allows any method, path and Host, unlike `fetch`. Returns
 * the response.
 */
const sendRaw = (url, { path = '/api/v3/sessions', body, ...options } = {}) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, ...options }, (response) => {
      response.resume().on('end', () => resolve(response));
    });
    sent.on('error', reject).end(body);
  });

/** Runs `body` with an emulator that listens on a free port. */
const withServer = async (body) => {
  const emulator = await createEmulator();
  const server = await listen(emulator);
  try {
    await body({ emulator, url: server.url, port: new URL(server.url).port });
  } finally {
    await server.close();
  }
};

const get = () => {
  throw new Error('a throwing getter');
};
/** An object whose getters `port` and `fetch` throw. */
const unreadable = Object.defineProperties({}, { port: { enumerable: true, get }, fetch: { get } });

const tests = {
  'listen uses a free loopback port by default': () =>
    withServer(async ({ url }) => {
      match(url, /^http:\/\/127\.0\.0\.1:\d+$/, 'url');
      equal((await fetch(`${url}/api/v3/sessions`)).status, 401, 'status');
    }),
  'only pages of loopback origins, and of those in the options, can read responses': async () => {
    const allowed = 'https://preview.example';
    for (const allowOrigins of [undefined, [allowed]]) {
      const emulator = await createEmulator({ allowOrigins });
      const server = await listen(emulator);
      for (const [origin, isAllowed] of [
        ['http://localhost:3000', true],
        [allowed, Boolean(allowOrigins)],
        ['https://attacker.example', false],
        ['null', false],
      ]) {
        const { headers } = await sendRaw(server.url, { headers: { origin } });
        const expected = isAllowed ? origin : undefined;
        equal(headers['access-control-allow-origin'], expected, `allowed origin for ${origin}`);
      }
      await server.close();
    }
  },
  'only a request whose Host is a loopback name with the port reaches the emulator': () =>
    withServer(async ({ emulator, url, port }) => {
      for (const host of [
        'evil.test',
        `evil.test:${port}`,
        '127.0.0.1',
        `127.0.0.1:${port}.evil.test`,
        `127.0.0.1:${port}@evil.test`,
      ]) {
        equal((await sendRaw(url, { headers: { host } })).statusCode, 403, `status for ${host}`);
      }
      equal(emulator.requests.length, 0, 'requests');
      for (const host of ['127.0.0.1', 'LocalHost', '[::1]']) {
        equal(
          (await sendRaw(url, { headers: { host: `${host}:${port}` } })).statusCode,
          401,
          `status for ${host}`,
        );
      }
    }),
  'a preflight allows a loopback page the headers of the browser calls, not the server key': () =>
    withServer(async ({ url }) => {
      const origin = 'http://localhost:3000';
      const preflight = {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      };
      const { statusCode, headers } = await sendRaw(url, preflight);
      equal(statusCode, 204, 'status');
      equal(headers['access-control-allow-origin'], origin, 'allowed origin');
      equal(headers['content-length'], undefined, 'content-length');
      const allowed = headers['access-control-allow-headers'].split(', ');
      equal(
        allowed,
        ['authorization', 'content-type', 'set-access-token-cookie', 'x-api-key'],
        'allowed headers',
      );
    }),
  'a fault can break the connection before the response or in the middle of its body': () =>
    withServer(async ({ emulator, url }) => {
      for (const drop of [true, 'afterHandling']) {
        emulator.faults.add({ drop });
        ok(
          (await getOutcome(() => fetch(url))).error instanceof TypeError,
          'the request did not fail',
        );
      }
      for (const truncateAt of [0, 5]) {
        emulator.faults.add({ truncateAt });
        const response = await fetch(url);
        ok(Number(response.headers.get('content-length')) > 5, 'the content-length is too small');
        const { error } = await getOutcome(() => response.text());
        ok(error instanceof TypeError, 'reading the body did not fail');
      }
      equal((await fetch(url)).status, 404, 'status of the next request');
    }),
  'a method that fetch does not support is rejected': () =>
    withServer(async ({ url }) => {
      equal((await sendRaw(url, { method: 'TRACE' })).statusCode, 400, 'status');
    }),
  'a path that looks like another host is not found': () =>
    withServer(async ({ url }) => {
      equal((await sendRaw(url, { path: '//evil.test/%zz' })).statusCode, 404, 'status');
    }),
  'the server survives a client that disconnects mid-body, and a body that is too large': () =>
    withServer(async ({ emulator, url }) => {
      const disconnecting = request(`${url}/api/v5/sessions`, {
        method: 'POST',
        headers: { 'content-length': 100 },
      }).on('error', () => {});
      disconnecting.on('socket', (socket) => socket.on('connect', () => socket.destroy()));
      disconnecting.write('abc');
      await new Promise((resolve) => disconnecting.on('close', resolve));
      const large = await getOutcome(() =>
        sendRaw(url, { method: 'POST', path: '/api/v5/sessions', body: 'x'.repeat(11 << 20) }),
      );
      ok(
        large.value === undefined || large.value.statusCode === 413,
        'the large body was accepted',
      );
      equal((await fetch(url)).status, 404, 'status of the next request');
      const reached = emulator.requests.some(({ path }) => path === '/api/v5/sessions');
      ok(!reached, 'the emulator received one of the requests');
    }),
  'close ends in-flight requests and can be called twice': async () => {
    const emulator = await createEmulator();
    const server = await listen(emulator);
    emulator.faults.add({ delayMs: 60_000 });
    const pending = getOutcome(() => fetch(server.url));
    await waitUntil(() => emulator.requests.length > 0, 'the request');
    await Promise.all([server.close(), server.close()]);
    ok((await pending).error instanceof TypeError, 'the in-flight request did not fail');
    ok(
      (await getOutcome(() => fetch(server.url))).error instanceof TypeError,
      'a new request did not fail',
    );
  },
  'listen rejects an invalid option or a port in use, and says what is wrong': () =>
    withServer(async ({ emulator, port }) => {
      for (const [options, kind, pattern] of [
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
        const { error } = await getOutcome(() => listen(emulator, options));
        ok(SocialPlusError.is(error), `rejected with ${error} instead of a SocialPlusError`);
        equal(error.kind, kind, 'kind');
        match(error.message, pattern, 'message');
      }
    }),
  'listen with TLS rejects a copy of an emulator': () =>
    withServer(async ({ emulator }) => {
      const { error } = await getOutcome(() => listen({ ...emulator }, { tls: true }));
      equal(error?.kind, 'config', 'kind');
      match(error?.message, /not a copy/, 'message');
    }),
  'a value that is not an emulator is rejected': () =>
    withServer(async ({ emulator }) => {
      for (const notEmulator of [
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
        const { value, error } = await getOutcome(() => listen(notEmulator));
        await value?.close();
        ok(SocialPlusError.is(error), `rejected with ${error} instead of a SocialPlusError`);
        equal(error.kind, 'config', 'kind');
        equal(error.operation, 'listen', 'operation');
        match(error.message, /createEmulator/, 'message');
      }
    }),
};

/**
 * Runs `body` with an emulator that serves TLS, and with a function `call` that sends a request
 * with TLS options. `call` resolves to the status and the version of TLS. If the request fails, the
 * status is the error code, or `closed` if the server closed the connection.
 */
const withTlsServer = async (options, body) => {
  const emulator = await createEmulator({ secureMode: true, mtls: true, ...options });
  const server = await listen(emulator, { tls: true });
  const tokenPath = '/api/v4/authentication/token';
  const call = (tlsOptions, path = tokenPath, method = 'POST') =>
    new Promise((resolve) => {
      const headers = {
        'content-type': 'application/json',
        'x-api-key': emulator.apiKey,
        'x-server-key': emulator.serverKey,
      };
      const sent = secureRequest(
        server.url + path,
        { method, headers, ca: server.caCertificate, ...tlsOptions },
        (response) => {
          const { socket, statusCode } = response;
          const protocol = socket.getProtocol();
          response.resume().on('end', () => resolve({ status: statusCode, protocol }));
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

const tlsTests = {
  'the certificate covers 127.0.0.1 and localhost, and clients must trust its authority': () =>
    withTlsServer({ mtls: false, now: 0 }, async ({ emulator, server, call }) => {
      match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/, 'url');
      match(server.caCertificate, /^-----BEGIN CERTIFICATE-----\n/, 'authority');
      equal((await call()).status, 200, 'status without mTLS while the emulator’s clock shows 0');
      const { port } = new URL(server.url);
      const requestUnknownPath = (options) =>
        call({ host: 'localhost', port, ...options }, '/nowhere', 'GET');
      const local = await requestUnknownPath({ family: 4, headers: { host: `localhost:${port}` } });
      equal(local.status, 404, 'status for localhost');
      const foreignHost = { host: `evil.test:${port}` };
      const foreign = await requestUnknownPath({ servername: 'localhost', headers: foreignHost });
      equal(foreign.status, 403, 'status for a foreign Host');
      const untrusting = await call({ ca: undefined });
      equal(untrusting.status, 'SELF_SIGNED_CERT_IN_CHAIN', 'error without the authority');
      const second = await listen(emulator, { tls: true });
      equal(
        second.caCertificate,
        server.caCertificate,
        'authority of the second server of the emulator',
      );
      await second.close();
    }),
  'close ends connections that are still in the TLS handshake': () =>
    withTlsServer({}, async ({ server }) => {
      const socket = connect(new URL(server.url).port, '127.0.0.1').on('error', () => {});
      await new Promise((resolve) => socket.on('connect', resolve));
      const closed = new Promise((resolve) => socket.on('close', resolve));
      await server.close();
      await closed;
    }),
};
for (const version of ['TLSv1.2', 'TLSv1.3']) {
  tlsTests[`${version}: only protected calls require a valid certificate`] = () =>
    withTlsServer({ now: 1e12 }, async ({ emulator, call }) => {
      const { key, csr } = createKeyAndRequest('token service');
      const cert = await emulator.createCertificate({ name: 'one', csr });
      const expired = await emulator.createCertificate({
        name: 'two',
        csr,
        notAfter: new Date(1e12 - 1000),
      });
      const other = await createEmulator({ secureMode: true });
      const foreign = await other.createCertificate({ name: 'one', csr });
      const versions = { minVersion: version, maxVersion: version };
      const valid = await call({ ...versions, key, cert });
      equal(valid.status, 200, 'status with the valid certificate');
      equal(valid.protocol, version, 'version of TLS');
      for (const [name, identity] of Object.entries({
        'no certificate': {},
        'an expired certificate': { key, cert: expired },
        'a foreign certificate': { key, cert: foreign },
      })) {
        const count = emulator.requests.length;
        const tlsOptions = { ...versions, ...identity };
        equal((await call(tlsOptions)).status, 'closed', `status of a protected call with ${name}`);
        const recorded = emulator.requests.slice(count).map(({ status }) => status);
        equal(recorded, [0], `recorded statuses with ${name}`);
        const visitor = await call(tlsOptions, '/api/v5/sessions/visitor');
        equal(visitor.status, 200, `status of an unprotected call with ${name}`);
      }
      const agent = new Agent({ ...versions, key, cert });
      equal((await call({ agent })).status, 200, 'status after the first handshake of an agent');
      equal((await call({ agent })).status, 200, 'status after a resumed handshake');
      emulator.clock.advance(366 * 86_400_000);
      const expiredStatus = (await call({ ...versions, key, cert })).status;
      equal(expiredStatus, 'closed', 'status after the certificate has expired');
      equal(
        (await call({ agent })).status,
        'closed',
        'status of a resumed handshake after the expiry',
      );
    });
}

/** The tests, for `runTests`. */
export const listenTests = [
  ...Object.entries(tests).map(([name, body]) => ({ name: `listen · ${name}`, body })),
  ...Object.entries(tlsTests).map(([name, body]) => ({ name: `listen over TLS · ${name}`, body })),
];
