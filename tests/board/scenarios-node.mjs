// Scenarios in a server process, without a page.
import { createServer } from 'node:http';
import { SessionClient } from 'social-plus-auth';
import { GoTrueClient } from '@supabase/auth-js';
import { expect } from './world.mjs';

const USERS = Array.from({ length: 20 }, (_, n) => `user-${n}`);

const serve = async (createBackend) => {
  const server = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, url, headers } = incoming;
    const [path] = url.split('?');
    const body = Buffer.concat(chunks).toString();
    const answer = await backend.handle({ method, path, url, headers, body });
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const backend = await createBackend(url);
  return { backend, url, close: () => server.close(() => {}).closeAllConnections?.() };
};

/** Each function signs in a user, and resolves to a function that reads the user and the token. */
const SIGN_INS = {
  ours: async ({ config }, userId) => {
    const authTokenFrom = async () =>
      (await fetch(`${config.url}/auth/token?user=${userId}`, { method: 'POST' })).text();
    const client = new SessionClient({
      endpoint: config.url,
      apiKey: config.apiKey,
      authTokenFrom,
    });
    await client.login({ userId });
    return async () => ({ userId: client.userId, token: await client.accessToken() });
  },
  supabase: async ({ config }, userId) => {
    const client = new GoTrueClient({ url: `${config.url}/auth/v1`, autoRefreshToken: false });
    await client.signInWithPassword({ email: `${userId}@example.com`, password: 'p' });
    return async () => {
      const { data } = await client.getSession();
      return { userId: data.session?.user.id, token: data.session?.access_token };
    };
  },
};

const serveUsers = async ({ candidate }) => {
  const { backend, close } = await serve(candidate.createBackend);
  try {
    const signIn = SIGN_INS[candidate.page];
    const readers = await Promise.all(USERS.map((userId) => signIn(backend, userId)));
    const seen = await Promise.all(readers.map((read) => read()));
    const wrong = seen.filter(({ userId }, n) => userId !== USERS[n]).length;
    expect(wrong === 0, `${wrong} of 20 clients in one process have another user`);
    const distinct = new Set(seen.map(({ token }) => token)).size;
    expect(distinct === USERS.length, `20 users in one process got ${distinct} distinct tokens`);
  } finally {
    close();
  }
};

export const NODE_SCENARIOS = [
  {
    id: 10,
    title: 'Users of one server process never get each other’s token',
    isWorldless: true,
    run: serveUsers,
  },
];
