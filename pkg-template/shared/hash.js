// Helpers for numbers that are not secret.

/** The start and the factor of FNV-1a with 32 bits. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const HEX_RADIX = 16;
const HEX_DIGITS = 2;

/**
 * Returns a number of 32 bits, the same for the same text (FNV-1a).
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

/** Returns a random number of 32 bits, from 1. */
export const randomId = () => parseInt(randomHex(Uint32Array.BYTES_PER_ELEMENT), HEX_RADIX) || 1;
