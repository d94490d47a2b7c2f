// `localStorage` under a key that no script can export (AES-GCM, in IndexedDB). It protects what
// lies on disk, and what another program or a backup reads; not from script that runs in the page.
// Loaded when it is asked for.

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The key of a name, made by whichever tab comes first. */
const keyOf = async (name) => {
  const opening = indexedDB.open('social-plus-auth', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
  const database = await done(opening);
  const keys = (mode) => database.transaction('keys', mode).objectStore('keys');
  try {
    const known = await done(keys('readonly').get(name));
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    const store = keys('readwrite');
    // In one transaction: of two tabs that have made a key, the first one's counts.
    const first = await done(store.get(name));
    if (!first) await done(store.put(made, name));
    return first ?? made;
  } finally {
    database.close();
  }
};

const encode = (bytes) => btoa(String.fromCharCode(...bytes));
const decode = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** `under`, encrypted. Fails where there is no `crypto.subtle` or no IndexedDB. */
export const encrypted = async (name, under) => {
  const key = await keyOf(name);
  if (!under) throw new Error('no localStorage');
  return {
    async getItem(item) {
      const text = under.getItem(item);
      if (text === null) return null;
      try {
        const [iv, bytes] = text.split('.').map(decode);
        return new TextDecoder().decode(
          await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes),
        );
      } catch {
        // Of another key: the browser has cleared one of the two places.
        return null;
      }
    },
    async setItem(item, text) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const bytes = new Uint8Array(
        await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text)),
      );
      let whole = '';
      for (let i = 0; i < bytes.length; i += 4096)
        whole += String.fromCharCode(...bytes.subarray(i, i + 4096));
      under.setItem(item, `${encode(iv)}.${btoa(whole)}`);
    },
    removeItem: (item) => under.removeItem(item),
  };
};
