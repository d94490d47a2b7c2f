// A `fetch` with a client certificate, for mTLS. It needs the package undici: Node's own `fetch`
// rejects an agent of another undici than the one that is built in.

/**
 * @param {string} cert - The client certificate (PEM).
 * @param {string} key - Its private key (PEM).
 * @returns {Promise<import('social-plus-auth/edge').FetchLike>}
 */
export const createMtlsFetch = async (cert, key) => {
  const undici = await import('undici');
  const dispatcher = new undici.Agent({ connect: { cert, key } });
  // undici declares types of its own, which TypeScript does not unite with the global ones.
  const fetch = /** @type {typeof globalThis.fetch} */ (/** @type {unknown} */ (undici.fetch));
  return (url, init) => fetch(url, /** @type {RequestInit} */ ({ ...init, dispatcher }));
};
