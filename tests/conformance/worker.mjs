// Runs the suite inside workerd or Vercel's edge runtime, and returns the results as JSON. A
// request to `/burst` signs one user in instead: the runner for workerd sends many such requests
// concurrently, as the worker's first requests.
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import vectors from '../vectors.json';
import { run } from './suite.mjs';

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const live = await request.json();
    if (pathname === '/suite')
      return Response.json(
        await run({ browser, edge, emulator, vectors, engine: { live, isWorker: true } }),
      );
    const options = { endpoint: live.url, apiKey: live.apiKey, serverKey: live.serverKey };
    const { userId } = await edge.exchangeSession(options, {
      userId: searchParams.get('user'),
      deviceId: `burst ${searchParams.get('user')}`,
    });
    return Response.json(userId);
  },
};
