// What the worker hands on: the page's files, and (under /demo/) what only a demo needs. In a
// deployed app this binding would be the platform's static assets.
import { readFile } from 'node:fs/promises';
import { Response } from 'miniflare';
import { browserWasm, bundlePage } from './bundle.mjs';
import { demoRoutes } from './demo-routes.mjs';

const read = (name) => readFile(new URL(`../${name}`, import.meta.url));

async function loadFiles() {
  const [index, tab, style, tabs, icon, main, tabScript, wasm] = await Promise.all([
    read('index.html'),
    read('tab.html'),
    read('style.css'),
    read('tabs.css'),
    read('icon.svg'),
    bundlePage('app/main.js'),
    bundlePage('app/tab.js'),
    browserWasm(),
  ]);
  const html = 'text/html; charset=utf-8';
  const css = 'text/css; charset=utf-8';
  const script = 'text/javascript; charset=utf-8';
  return new Map([
    ['/', { type: html, body: index }],
    ['/tab', { type: html, body: tab, ancestors: "'self'" }],
    ['/style.css', { type: css, body: style }],
    ['/tabs.css', { type: css, body: tabs }],
    ['/icon.svg', { type: 'image/svg+xml', body: icon }],
    ['/app/main.js', { type: script, body: main }],
    ['/app/tab.js', { type: script, body: tabScript }],
    ['/wasm/browser_bg.wasm', { type: 'application/wasm', body: wasm }],
  ]);
}

// wasm needs 'wasm-unsafe-eval' and nothing else does; the page talks to its own worker and to the
// service, and frames its own second tab, as nobody else may.
const policy = (origin, ancestors = "'none'") =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${origin}`,
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
  ].join('; ');

/**
 * `service` is `undefined` in front of the real one: then nothing can be made to fail.
 * `askStaleWorker` reaches the same worker, deployed with an outdated server key.
 */
export async function createSite({ config, origin, service, askStaleWorker }) {
  const files = await loadFiles();
  const headersFor = (ancestors) => ({
    'cache-control': 'no-store',
    'content-security-policy': policy(origin, ancestors),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  const headers = headersFor();
  const routes = demoRoutes({ config, service, askStaleWorker, headers });

  return async (request) => {
    const { pathname } = new URL(request.url);
    const route = routes[`${request.method} ${pathname}`];
    if (route) return route(request);
    const file = request.method === 'GET' && files.get(pathname);
    return file
      ? new Response(file.body, {
          headers: { ...headersFor(file.ancestors), 'content-type': file.type },
        })
      : new Response('Not found', { status: 404, headers });
  };
}
