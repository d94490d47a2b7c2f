// A worker that serves the auth routes with one handler for all requests, and prints every event.
import { createAuthHandler } from 'social-plus-auth/edge';

export default {
  fetch: createAuthHandler({
    endpoint: (env) => env.SERVICE,
    serverKey: (env) => env.SERVER_KEY,
    apiKey: (env) => env.API_KEY,
    visitorSecret: (env) => env.VISITOR_SECRET,
    allowUnlimitedVisitors: true,
    authenticate: async ({ headers }) =>
      headers.get('cookie') ? { userId: headers.get('cookie') } : null,
    retry: { baseDelayMs: 1 },
    // A long timeout, because a busy machine is slow.
    timeoutMs: 60_000,
    onEvent: (event) => console.log(JSON.stringify(event)),
  }),
};
