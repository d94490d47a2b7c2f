// Encrypts `localStorage` with AES-GCM, under a key in IndexedDB that no script can export. This
// protects the data from programs and backups that read only `localStorage` from the disk, but not
// from script in the page. A client loads this file only if the app chooses `encrypted` storage.

const IV_BYTES = 12;
const KEY_BITS = 256;
/** How many bytes to pass to one call of `String.fromCharCode`, which limits its arguments. */
const CHUNK_BYTES = 4096;

/**
 * Resolves to the result of a request to IndexedDB.
 *
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const promisify = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * Returns the encryption key with this name. The first tab that needs the key generates it.
 *
 * @param {string} name
 * @returns {Promise<CryptoKey>}
 */
const loadKey = async (name) => {
  const opening = indexedDB.open('social-plus-auth', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
  const database = await promisify(opening);
  const openStore = (/** @type {IDBTransactionMode} */ mode) =>
    database.transaction('keys', mode).objectStore('keys');
  try {
    const known = await promisify(openStore('readonly').get(name));
    if (known) return known;
    const algorithm = { name: 'AES-GCM', length: KEY_BITS };
    const generated = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
    const store = openStore('readwrite');
    // Read again, in the transaction that writes: another tab may have stored a key meanwhile.
    const stored = await promisify(store.get(name));
    if (!stored) await promisify(store.put(generated, name));
    return stored ?? generated;
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
 * Wraps a storage so that it stores encrypted texts. Rejects if the engine lacks `crypto.subtle` or
 * IndexedDB.
 *
 * @param {string} name
 * @param {Storage} storage
 */
export const encryptStorage = async (name, storage) => {
  const key = await loadKey(name);
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
        // The text is malformed, or was encrypted with another key: the browser may have cleared
        // IndexedDB but not `localStorage`.
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
