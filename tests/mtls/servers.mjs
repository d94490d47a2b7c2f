// What is behind mTLS: the emulator, which lets everyone shake hands and drops the protected calls
// of those without a good certificate, and a server that refuses them in the handshake. Which of
// the two the service does is not published.
import { createServer } from 'node:https';
import tls from 'node:tls';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { keyAndRequest } from '../conformance/csr.mjs';
import { authority } from './authority.mjs';

const YESTERDAY = () => new Date(Date.now() - 86_400_000);

/** Runs `start` while no server that is made speaks a newer version of TLS. */
const upTo = async (version, start) => {
  const before = tls.DEFAULT_MAX_VERSION;
  tls.DEFAULT_MAX_VERSION = version;
  try {
    return await start();
  } finally {
    tls.DEFAULT_MAX_VERSION = before;
  }
};

const pair = async (emulator, notAfter) => {
  const { key, csr } = keyAndRequest('token service');
  return { key, cert: await emulator.createCertificate({ name: 'token service', csr, notAfter }) };
};

const emulated = async (version) => {
  const emulator = await createEmulator({ secureMode: true, mtls: true });
  const foreign = await createEmulator({ secureMode: true, mtls: true });
  const {
    url: endpoint,
    caCertificate: ca,
    close,
  } = await upTo(version, () => listen(emulator, { tls: true }));
  const { serverKey, adminToken } = emulator;
  const certificates = {
    right: await pair(emulator),
    none: {},
    foreign: await pair(foreign),
    expired: await pair(emulator, YESTERDAY()),
  };
  return { service: { endpoint, ca, serverKey, adminToken }, certificates, close };
};

/** Everything is protected here: the handshake knows no calls. */
const strict = async (version) => {
  const { fetch, serverKey, adminToken } = await createEmulator({ secureMode: true });
  const { ca, pair: issued } = authority();
  const answer = async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const body = method === 'POST' ? Buffer.concat(await incoming.toArray()) : undefined;
    const response = await fetch(`https://emulator.test${url}`, { method, headers, body });
    outgoing
      .writeHead(response.status, Object.fromEntries(response.headers))
      .end(await response.text());
  };
  const settings = { ...issued(), ca, requestCert: true, rejectUnauthorized: true };
  const server = await upTo(version, () => createServer(settings, answer));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  const certificates = {
    right: issued(),
    none: {},
    foreign: authority().pair(),
    expired: issued(-1),
  };
  return {
    service: { endpoint: `https://127.0.0.1:${server.address().port}`, ca, serverKey, adminToken },
    certificates,
    close,
  };
};

export const servers = { emulator: emulated, 'a strict server': strict };
