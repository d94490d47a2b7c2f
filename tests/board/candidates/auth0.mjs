// The page of `@auth0/auth0-spa-js`, with refresh tokens in `localStorage`, so that the tabs of a
// browser share a session. It signs in and out without leaving the page.
import { Auth0Client } from '@auth0/auth0-spa-js';

let client;
const clients = [];
let isSignedIn = false;
const create = ({ url }) =>
  new Auth0Client({
    domain: url,
    clientId: 'client',
    useRefreshTokens: true,
    cacheLocation: 'localstorage',
    authorizationParams: { redirect_uri: url },
  });

globalThis.candidate = {
  start(config) {
    client = create(config);
    clients.push(client);
  },
  /** Follows the redirect to the login page and back without leaving the page. */
  async login(userId) {
    let target;
    await client.loginWithRedirect({
      openUrl: (url) => void (target = url),
      authorizationParams: { login_hint: userId },
    });
    const response = await fetch(target);
    await client.handleRedirectCallback(response.url);
    isSignedIn = await client.isAuthenticated();
  },
  async resume() {
    isSignedIn = await client.isAuthenticated();
  },
  request: () => client.getTokenSilently(),
  token: () => client.getTokenSilently(),
  allTokens: () => Promise.all(clients.map((each) => each.getTokenSilently())),
  resumeAll: async () => {},
  async logout() {
    await client.logout({ openUrl: false });
    isSignedIn = await client.isAuthenticated();
  },
  state: async () => {
    isSignedIn = await client.isAuthenticated();
    return { isSignedIn, text: isSignedIn ? 'authenticated' : 'not authenticated' };
  },
};
