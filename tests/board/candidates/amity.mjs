// The page of the official SDK, used as its documentation shows: an app calls `login` whenever the
// page loads, and its session handler renews with an auth token of the app's own server. It signs
// out with `secureLogout`, because `logout` leaves the session valid at the service.
import { Client, UserRepository } from '@amityco/ts-sdk';

let client;

const fetchAuthToken = async (userId) => {
  const response = await fetch(`/auth/token?user=${userId}`, { method: 'POST' });
  if (!response.ok) throw new Error(`The token route answered ${response.status}.`);
  return response.text();
};

let currentUser;
const sessionHandler = {
  async sessionWillRenewAccessToken(renewal) {
    try {
      renewal.renewWithAuthToken(await fetchAuthToken(currentUser));
    } catch {
      renewal.unableToRetrieveAuthToken();
    }
  },
};

globalThis.candidate = {
  start({ url, apiKey }) {
    // The realtime events are off, because they come from another service.
    client = Client.createClient(apiKey, 'eu', { apiEndpoint: { http: url }, rteEnabled: false });
  },
  async login(userId) {
    currentUser = userId;
    const authToken = await fetchAuthToken(userId);
    await Client.login({ userId, authToken }, sessionHandler, { disableRTE: true });
  },
  resume: () => globalThis.candidate.login('ada'),
  request: async () => void (await UserRepository.getUserByIds(['ada'])),
  token: () => client.token?.accessToken,
  logout: () => Client.secureLogout(),
  state: () => ({
    isSignedIn: client.sessionState === 'established',
    text: client.sessionState,
  }),
};
