// The page of this library, with its session in `localStorage`.
import { SessionClient } from 'social-plus-auth';

let client;
const clients = [];

const fetchAuthToken = async ({ userId, signal }) => {
  const response = await fetch(`/auth/token?user=${userId}`, { method: 'POST', signal });
  if (!response.ok) throw new Error(`The token route answered ${response.status}.`);
  return response.text();
};

globalThis.candidate = {
  start({ url, apiKey }) {
    client = new SessionClient({
      endpoint: url,
      apiKey,
      storage: 'local',
      authTokenFrom: fetchAuthToken,
    });
    clients.push(client);
  },
  startWithFetch({ url, apiKey }) {
    const { fetch } = globalThis;
    client = new SessionClient({ endpoint: url, apiKey, authTokenFrom: fetchAuthToken, fetch });
  },
  login: (userId) => client.login({ userId }),
  resume: () => client.resume(),
  request: async () => (await client.fetch('/api/v3/users/ada')).status,
  token: () => client.accessToken(),
  allTokens: () => Promise.all(clients.map((each) => each.accessToken())),
  resumeAll: () => Promise.all(clients.map((each) => each.resume())),
  logout: () => client.logout(),
  state: () => ({
    isSignedIn: !['notLoggedIn', 'terminated'].includes(client.state),
    text: client.state,
  }),
};
