// A stub of the service that responds immediately, so that a measurement covers everything except
// the network.

/** @import { ServiceOptions } from 'social-plus-auth' */

const now = Date.now();

const user = {
  _id: '5f1a2b3c4d5e6f7a8b9c0d1e',
  path: '5f1a2b3c4d5e6f7a8b9c0d1e/user/ada',
  userId: 'ada',
  userInternalId: '5f1a2b3c4d5e6f7a8b9c0d1e',
  userPublicId: 'ada',
  displayName: 'Ada Lovelace',
  profileHandle: 'ada',
  description: '',
  avatarFileId: null,
  avatarCustomUrl: null,
  roles: [],
  permissions: [],
  tags: [],
  flagCount: 0,
  hashFlag: null,
  metadata: {},
  isGlobalBan: false,
  isBrand: false,
  isDeleted: false,
  createdAt: new Date(now - 1e9).toISOString(),
  updatedAt: new Date(now).toISOString(),
};

/** The body of a v5 response, about as long as a real one. */
const body = JSON.stringify({
  accessToken: `eyJhbGciOiJSUzI1NiJ9.${'e30'.repeat(150)}.${'c2ln'.repeat(85)}`,
  issuedAt: new Date(now).toISOString(),
  expiresAt: new Date(now + 30 * 86_400_000).toISOString(),
  users: [user],
  roles: [],
  files: [],
  userType: 'signed-in',
});

const responseInit = { headers: { 'content-type': 'application/json; charset=utf-8' } };

/**
 * Creates the objects that the `fetch` of a runtime creates: a `Request` before it uses the
 * network, and a `Response` afterwards.
 *
 * @param {string} url
 * @param {RequestInit} init
 */
export const fetchPlatformStub = async (url, init) => {
  new Request(url, init);
  return new Response(body, responseInit);
};

const response = /** @type {Response} */ (
  /** @type {unknown} */ ({
    status: 200,
    ok: true,
    headers: new Headers(responseInit.headers),
    body: undefined,
    text: async () => body,
  })
);

/**
 * Returns a fixed response. Creates no `Request` and no `Response`, so that only the caller is
 * measured.
 */
export const fetchBareStub = async () => response;

/** @type {ServiceOptions} */
export const options = { apiKey: 'b0e8e85a3f8df8314c35d84e530d1389e80cdbb6e9652a7c', region: 'eu' };
export const request = {
  userId: 'ada',
  deviceId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  displayName: 'Ada Lovelace',
  authToken: 's9qne0wEqVb2e05271177748659f574a4e8ab85e08',
};
