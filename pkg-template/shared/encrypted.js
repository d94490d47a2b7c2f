// `localStorage` encrypted with a key that no script can export (AES-GCM, in IndexedDB). It
// protects what lies on disk and what another program or a backup reads, but not from script that
// runs in the page. Loaded only when the app asks for it.

const IV_BYTES = 12;
const KEY_BITS = 256;
/** How many bytes one call of `String.fromCharCode` takes. */
const CHUNK_BYTES = 4096;

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * Returns the key of a name. The first tab that needs it generates it.
 *
 * @param {string} name
 * @returns {Promise<CryptoKey>}
 */
const keyOf = async (name) => {
  const opening = indexedDB.open('social-plus-auth', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
  const database = await done(opening);
  const keys = (/** @type {IDBTransactionMode} */ mode) =>
    database.transaction('keys', mode).objectStore('keys');
  try {
    const known = await done(keys('readonly').get(name));
    if (known) return known;
    const algorithm = { name: 'AES-GCM', length: KEY_BITS };
    const generated = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
    const store = keys('readwrite');
    // In one transaction: if two tabs have generated a key, the first one counts.
    const first = await done(store.get(name));
    if (!first) await done(store.put(generated, name));
    return first ?? generated;
  } finally {
    database.close();
  }
};

/** @param {Uint8Array} bytes */
const encode = (bytes) => {
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(i, i + CHUNK_BYTES));
  }
  return btoa(text);
};

/** @param {string} text */
const decode = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/**
 * Wraps a storage. Rejects if the engine lacks `crypto.subtle` or IndexedDB.
 *
 * @param {string} name
 * @param {Storage} storage
 */
export const encrypted = async (name, storage) => {
  const key = await keyOf(name);
  return {
    /** @param {string} item */
    async getItem(item) {
      const text = storage.getItem(item);
      if (text === null) return null;
      try {
        const [iv = '', bytes = ''] = text.split('.');
        const algorithm = { name: 'AES-GCM', iv: decode(iv) };
        const plain = await crypto.subtle.decrypt(algorithm, key, decode(bytes));
        return new TextDecoder().decode(plain);
      } catch {
        // Another key has encrypted it: the browser has cleared one of the two places.
        return null;
      }
    },
    /**
     * @param {string} item
     * @param {string} text
     */
    async setItem(item, text) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const plain = new TextEncoder().encode(text);
      const bytes = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain);
      storage.setItem(item, `${encode(iv)}.${encode(new Uint8Array(bytes))}`);
    },
    /** @param {string} item */
    removeItem: (item) => storage.removeItem(item),
  };
};
