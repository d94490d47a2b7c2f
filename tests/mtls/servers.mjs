// Two servers with mTLS. The emulator completes every handshake and drops the protected calls of
// clients without a valid certificate. The strict server rejects those clients in the handshake.
// The documentation of the service does not say which of these two ways it uses.
import { createServer } from 'node:https';
import tls from 'node:tls';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { createKeyAndRequest } from '../conformance/csr.mjs';
import { createAuthority } from './authority.mjs';

const getYesterday = () => new Date(Date.now() - 86_400_000);

/** Runs `start` while new servers support no newer version of TLS than `version`. */
const withMaxVersion = async (version, start) => {
  const previous = tls.DEFAULT_MAX_VERSION;
  tls.DEFAULT_MAX_VERSION = version;
  try {
    return await start();
  } finally {
    tls.DEFAULT_MAX_VERSION = previous;
  }
};

const issuePair = async (emulator, notAfter) => {
  const { key, csr } = createKeyAndRequest('token service');
  return { key, cert: await emulator.createCertificate({ name: 'token service', csr, notAfter }) };
};

const startEmulator = async (version) => {
  const emulator = await createEmulator({ secureMode: true, mtls: true });
  const foreign = await createEmulator({ secureMode: true, mtls: true });
  const {
    url: endpoint,
    caCertificate: ca,
    close,
  } = await withMaxVersion(version, () => listen(emulator, { tls: true }));
  const { serverKey, adminToken } = emulator;
  const certificates = {
    valid: await issuePair(emulator),
    none: {},
    foreign: await issuePair(foreign),
    expired: await issuePair(emulator, getYesterday()),
  };
  return { service: { endpoint, ca, serverKey, adminToken }, certificates, close };
};

/** Starts the strict server. It protects every call, because a handshake precedes every call. */
const startStrictServer = async (version) => {
  const { fetch, serverKey, adminToken } = await createEmulator({ secureMode: true });
  const { ca, issuePair: issue } = createAuthority();
  const respond = async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const body = method === 'POST' ? Buffer.concat(await incoming.toArray()) : undefined;
    const response = await fetch(`https://emulator.test${url}`, { method, headers, body });
    outgoing
      .writeHead(response.status, Object.fromEntries(response.headers))
      .end(await response.text());
  };
  const settings = { ...issue(), ca, requestCert: true, rejectUnauthorized: true };
  const server = await withMaxVersion(version, () => createServer(settings, respond));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  const certificates = {
    valid: issue(),
    none: {},
    foreign: createAuthority().issuePair(),
    expired: issue(-1),
  };
  return {
    service: { endpoint: `https://127.0.0.1:${server.address().port}`, ca, serverKey, adminToken },
    certificates,
    close,
  };
};

/** The functions that start the servers. Each takes the maximum version of TLS. */
export const servers = { emulator: startEmulator, 'a strict server': startStrictServer };
