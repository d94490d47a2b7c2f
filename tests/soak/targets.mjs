// Starts the workers under load on workerd: the Cloudflare example and the worker of the demo. Each
// has an inspector, from which the soak reads the heap of its isolate.
import { createHmac, randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { Miniflare } from 'miniflare';
import { starters } from '../examples/starters.mjs';
import { createSignedInCookie } from '../../www/app-sign-in.js';
import { bundleWorker } from '../../www/server/bundle.mjs';

const COOKIE_LIFETIME_S = 7 * 86_400;
const inspector = { inspectorPort: 0 };

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Creates the JWT by which the Cloudflare example recognises a user. */
const createJwt = (userId, secret) => {
  const exp = Math.floor(Date.now() / 1000) + COOKIE_LIFETIME_S;
  const content = `${encode({ alg: 'HS256' })}.${encode({ sub: userId, exp })}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
};

const startCloudflare = async ({ emulator, url }) => {
  const secret = randomBytes(32).toString('hex');
  const env = {
    SOCIAL_PLUS_ENDPOINT: url,
    SOCIAL_PLUS_SERVER_KEY: emulator.serverKey,
    SOCIAL_PLUS_API_KEY: emulator.apiKey,
    SESSION_SECRET: secret,
  };
  const { origin, close, log, miniflare } = await starters.cloudflare.start({ env }, inspector);
  return {
    origin,
    close,
    log,
    miniflare,
    routes: ['token', 'session'],
    createCookie: async (userId) => `session=${createJwt(userId, secret)}`,
  };
};

const startDemo = async ({ emulator, url }) => {
  const secret = randomBytes(32).toString('hex');
  let log = '';
  const miniflare = new Miniflare({
    modules: await bundleWorker(),
    compatibilityDate: '2026-04-01',
    bindings: {
      SOCIAL_PLUS_ENDPOINT: url,
      SOCIAL_PLUS_SERVER_KEY: emulator.serverKey,
      COOKIE_SECRET: secret,
    },
    handleRuntimeStdio: (...streams) =>
      streams.forEach((stream) => stream.on('data', (text) => (log += text))),
    ...inspector,
  });
  const { origin } = await miniflare.ready;
  const request = new Request(origin);
  return {
    origin,
    miniflare,
    close: () => miniflare.dispose(),
    log: () => log,
    routes: ['token'],
    // The cookie of the demo is valid for an hour.
    createCookie: async (userId) =>
      (await createSignedInCookie(request, userId, secret)).split(';')[0],
  };
};

/** A worker without this library that makes similar checks and sends the same request. */
const BARE_WORKER = `
  const refuse = (status) => new Response('{}', { status });
  export default {
    async fetch(request, env) {
      if (!request.headers.get('cookie')) return refuse(401);
      if (request.headers.get('origin') !== new URL(request.url).origin) return refuse(403);
      const text = await request.text();
      if (text.length > 16384) return refuse(413);
      try {
        JSON.parse(text);
      } catch {
        return refuse(400);
      }
      try {
        const response = await fetch(env.SERVICE + '/api/v4/authentication/token', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-server-key': env.SERVER_KEY },
          body: JSON.stringify({ userId: request.headers.get('cookie') }),
          signal: AbortSignal.timeout(4000),
        });
        const authToken = JSON.parse(await response.text());
        return response.ok ? Response.json({ authToken }) : refuse(502);
      } catch {
        return refuse(504);
      }
    },
  };`;

const startBare = async ({ emulator, url }) => {
  const miniflare = new Miniflare({
    modules: true,
    script: BARE_WORKER,
    compatibilityDate: '2026-04-01',
    bindings: { SERVICE: url, SERVER_KEY: emulator.serverKey },
    ...inspector,
  });
  const { origin } = await miniflare.ready;
  return {
    origin,
    miniflare,
    close: () => miniflare.dispose(),
    log: () => '',
    routes: ['token'],
    createCookie: async (userId) => userId,
  };
};

/** Returns the ids of the workerd processes that this process has started. */
const listWorkerds = async () => {
  const ids = [];
  for (const id of await readdir('/proc')) {
    const stat = /^\d+$/.test(id) && (await readFile(`/proc/${id}/stat`, 'utf8').catch(() => ''));
    if (!stat) continue;
    const [, program, parent] = /\((.*)\) \S (\d+)/.exec(stat);
    if (program === 'workerd' && Number(parent) === process.pid) ids.push(Number(id));
  }
  return ids;
};

const STARTERS = { cloudflare: startCloudflare, demo: startDemo, bare: startBare };
/** The targets of a run without `--target`. */
export const TARGETS = ['cloudflare', 'demo'];

/** Starts a target, and finds its process. */
export const startTarget = async (name, service) => {
  const before = await listWorkerds();
  const target = await STARTERS[name](service);
  const [pid] = (await listWorkerds()).filter((id) => !before.includes(id));
  const inspectorUrl = await target.miniflare.getInspectorURL();
  return { ...target, name, pid, inspectorUrl };
};
