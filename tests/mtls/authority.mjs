// A minimal certificate authority, for a server that rejects foreign certificates in the TLS
// handshake.
import { generateKeyPairSync, sign } from 'node:crypto';
import { encodeDer, encodeSequence } from '../conformance/csr.mjs';

const DAY_MS = 86_400_000;
const fromHex = (text) => Buffer.from(text, 'hex');
const COMMON_NAME = fromHex('0603550403');
const BASIC_CONSTRAINTS = fromHex('0603551d13');
const ALTERNATIVE_NAME = fromHex('0603551d11');
const ECDSA_WITH_SHA256 = encodeSequence(fromHex('06082a8648ce3d040302'));

const encodeName = (name) =>
  encodeSequence(encodeDer(0x31, encodeSequence(COMMON_NAME, encodeDer(0x0c, Buffer.from(name)))));
const encodeTime = (ms) =>
  encodeDer(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
const encodePem = (bytes) => {
  const lines = bytes.toString('base64').match(/.{1,64}/g);
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
};
const extensions = {
  // The certificate may sign other certificates.
  authority: encodeSequence(
    BASIC_CONSTRAINTS,
    fromHex('0101ff'),
    encodeDer(0x04, encodeSequence(fromHex('0101ff'))),
  ),
  // The certificate of a server must name its address. In a client's certificate, the extension has
  // no effect.
  leaf: encodeSequence(ALTERNATIVE_NAME, encodeDer(0x04, encodeSequence(fromHex('87047f000001')))),
};

let serial = 1;
const issue = ({ subject, issuer, subjectKey, issuerKey, extension, until }) => {
  const body = encodeSequence(
    fromHex('a003020102'),
    encodeDer(0x02, Buffer.from([(serial += 1)])),
    ECDSA_WITH_SHA256,
    encodeName(issuer),
    encodeSequence(encodeTime(until - 30 * DAY_MS), encodeTime(until)),
    encodeName(subject),
    subjectKey.export({ type: 'spki', format: 'der' }),
    encodeDer(0xa3, encodeSequence(extension)),
  );
  return encodePem(
    encodeSequence(
      body,
      ECDSA_WITH_SHA256,
      encodeDer(0x03, Buffer.from([0]), sign('sha256', body, issuerKey)),
    ),
  );
};

/**
 * Creates an authority. `ca` is its certificate. `issuePair(days)` creates a key and a certificate
 * that expires after that number of days; a negative number creates an expired certificate.
 */
export const createAuthority = () => {
  const { publicKey: authorityKey, privateKey: issuerKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
  });
  const issuer = 'Test authority';
  const until = Date.now() + DAY_MS;
  return {
    ca: issue({
      subject: issuer,
      issuer,
      subjectKey: authorityKey,
      issuerKey,
      extension: extensions.authority,
      until,
    }),
    issuePair: (days = 1) => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const fields = {
        subject: 'Test leaf',
        issuer,
        subjectKey: publicKey,
        issuerKey,
        extension: extensions.leaf,
      };
      const cert = issue({ ...fields, until: Date.now() + days * DAY_MS });
      return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
    },
  };
};
