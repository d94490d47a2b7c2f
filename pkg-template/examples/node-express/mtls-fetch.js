// A `fetch` with a client certificate, for mTLS. It needs the package undici, because Node does not
// export its built-in `Agent`, and an `Agent` of another version may not work with Node's `fetch`.

/**
 * @param {string} cert - The client certificate (PEM).
 * @param {string} key - Its private key (PEM).
 * @returns {Promise<import('social-plus-auth/edge').FetchLike>}
 */
export const createMtlsFetch = async (cert, key) => {
  const undici = await import('undici');
  const dispatcher = new undici.Agent({ connect: { cert, key } });
  // TypeScript does not accept the type of undici's `fetch` as that of the global `fetch`.
  const fetch = /** @type {typeof globalThis.fetch} */ (/** @type {unknown} */ (undici.fetch));
  return (url, init) => fetch(url, /** @type {RequestInit} */ ({ ...init, dispatcher }));
};
