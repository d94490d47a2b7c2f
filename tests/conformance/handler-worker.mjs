// The auth routes as a worker with one handler for all requests. It prints every event.
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
    // The timeout leaves room for a busy machine.
    timeoutMs: 60_000,
    onEvent: (event) => console.log(JSON.stringify(event)),
  }),
};
