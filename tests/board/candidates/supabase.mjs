// The page of `@supabase/auth-js`, with its default options. It signs out with the scope `local`.
import { GoTrueClient } from '@supabase/auth-js';

let client;
const clients = [];
const check = ({ data, error }) => {
  if (error) throw error;
  return data;
};
const read = async (each) => check(await each.getSession()).session?.access_token;
let session = null;

globalThis.candidate = {
  start({ url }, options) {
    client = new GoTrueClient({ url: `${url}/auth/v1`, headers: { apikey: 'key' }, ...options });
    clients.push(client);
    client.onAuthStateChange((event, next) => (session = next));
  },
  startWithFetch: (config) => globalThis.candidate.start(config, { fetch: globalThis.fetch }),
  login: async (userId) =>
    void check(await client.signInWithPassword({ email: `${userId}@example.com`, password: 'p' })),
  resume: async () => void (await client.getSession()),
  request: async () => void check(await client.getUser()),
  token: () => read(client),
  allTokens: () => Promise.all(clients.map(read)),
  resumeAll: () => Promise.all(clients.map((each) => each.getSession())),
  logout: async () => void check(await client.signOut({ scope: 'local' })),
  state: () => ({ isSignedIn: session !== null, text: session ? 'signed in' : 'signed out' }),
};
