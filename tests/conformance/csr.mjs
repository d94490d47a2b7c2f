// Creates a private key and a certificate signing request (CSR) for it, with a minimal DER encoder
// and node:crypto.
import { generateKeyPairSync, sign } from 'node:crypto';

/** Encodes a DER value with this tag. */
export const encodeDer = (tag, ...parts) => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
};
/** Encodes a DER SEQUENCE. */
export const encodeSequence = (...parts) => encodeDer(0x30, ...parts);
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');

const encodePem = (bytes) => {
  const lines = bytes.toString('base64').match(/.{1,64}/g);
  const label = 'CERTIFICATE REQUEST';
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
};

/**
 * Creates a key and a CSR, both as PEM. The client of the TLS connection keeps `key`;
 * `createCertificate` takes `csr`.
 */
export const createKeyAndRequest = (commonName) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = encodeSequence(
    encodeDer(0x31, encodeSequence(COMMON_NAME, encodeDer(0x0c, Buffer.from(commonName)))),
  );
  const info = encodeSequence(
    Buffer.from([2, 1, 0]),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    Buffer.from([0xa0, 0]),
  );
  const signature = encodeDer(0x03, Buffer.from([0]), sign('sha256', info, privateKey));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    csr: encodePem(encodeSequence(info, encodeSequence(ECDSA_WITH_SHA256), signature)),
  };
};
