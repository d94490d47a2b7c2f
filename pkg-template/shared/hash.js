// Hashes and random ids that need not be secret.
import { HEX_RADIX } from './constants.js';

/** The initial value and the factor of the 32-bit FNV-1a hash. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const HEX_DIGITS = 2;

/**
 * Returns the 32-bit FNV-1a hash of a text.
 *
 * @param {string} text
 */
export const hash = (text) => {
  let value = FNV_OFFSET;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), FNV_PRIME);
  }
  return value >>> 0;
};

/**
 * Returns random bytes as hex digits.
 *
 * @param {number} bytes
 */
export const randomHex = (bytes) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(HEX_RADIX).padStart(HEX_DIGITS, '0'),
  ).join('');

/** Returns a random 32-bit number that is not 0. */
export const randomId = () => parseInt(randomHex(Uint32Array.BYTES_PER_ELEMENT), HEX_RADIX) || 1;
