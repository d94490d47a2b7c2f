// What the worker hands on: the page's files, and (under /demo/) what only a demo needs. In a deployed app this binding would be the
// platform's static assets.
import { readFile } from 'node:fs/promises';
import { Response } from 'miniflare';
import { browserWasm, bundlePage } from './bundle.mjs';
import { eventStream } from './feed.mjs';

const read = (name) => readFile(new URL(`../${name}`, import.meta.url));

async function loadFiles() {
  const [index, style, icon, script, wasm] = await Promise.all([
    read('index.html'),
    read('style.css'),
    read('icon.svg'),
    bundlePage(),
    browserWasm(),
  ]);
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: index }],
    ['/style.css', { type: 'text/css; charset=utf-8', body: style }],
    ['/icon.svg', { type: 'image/svg+xml', body: icon }],
    ['/app/main.js', { type: 'text/javascript; charset=utf-8', body: script }],
    ['/wasm/browser_bg.wasm', { type: 'application/wasm', body: wasm }],
  ]);
}

// wasm needs 'wasm-unsafe-eval' and nothing else does; the page talks to its own worker and to the service.
const policy = (origin) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * `service` is `undefined` in front of the real one: then nothing can be made to fail. `askStaleWorker` reaches the same worker, deployed
 * with an outdated server key.
 */
export async function createSite({ config, origin, service, askStaleWorker }) {
  const files = await loadFiles();
  const headers = {
    'cache-control': 'no-store',
    'content-security-policy': policy(origin),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  const json = (value) => Response.json(value, { headers });

  const demoRoutes = {
    'GET /demo/config': () => json(config),
    ...(service && {
      'GET /demo/events': () =>
        new Response(eventStream(service.subscribe), { headers: { ...headers, 'content-type': 'text/event-stream' } }),
      'GET /demo/requests': () => json(service.requests()),
      'POST /demo/fail/rate-limited': () => (service.fail('rate-limited'), new Response(null, { status: 204 })),
      'POST /demo/fail/service-down': () => (service.fail('service-down'), new Response(null, { status: 204 })),
      'POST /demo/fail/nothing': () => (service.fail('nothing'), new Response(null, { status: 204 })),
      'POST /demo/stale-key/auth/token': (request) => askStaleWorker(request),
    }),
  };

  return async (request) => {
    const { pathname } = new URL(request.url);
    const route = demoRoutes[`${request.method} ${pathname}`];
    if (route) return route(request);
    const file = request.method === 'GET' && files.get(pathname);
    return file
      ? new Response(file.body, { headers: { ...headers, 'content-type': file.type } })
      : new Response('Not found', { status: 404, headers });
  };
}
