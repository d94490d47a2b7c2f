// Serves the page's files and the routes under /demo/. In a deployed app, this binding would be the
// platform's static assets.
import { readFile } from 'node:fs/promises';
import { Response } from 'miniflare';
import { bundlePage, bundleStyles, readBrowserWasm } from './bundle.mjs';
import { demoRoutes } from './demo-routes.mjs';

/** @import { Config } from '../types.js' */
/** @import { Service } from './service.mjs' */

/** @typedef {{ type: string, body: BodyInit, ancestors?: string }} SiteFile */

/** @param {string} name */
const read = (name) => readFile(new URL(`../${name}`, import.meta.url), 'utf8');

/** @returns {Promise<Map<string, SiteFile>>} */
async function loadFiles() {
  const [index, tab, styles, icon, main, tabScript, wasm] = await Promise.all([
    read('index.html'),
    read('tab.html'),
    bundleStyles(),
    read('icon.svg'),
    bundlePage('app/main.js'),
    bundlePage('app/tab.js'),
    readBrowserWasm(),
  ]);
  const html = 'text/html; charset=utf-8';
  const script = 'text/javascript; charset=utf-8';
  /** @type {[string, SiteFile][]} */
  const entries = [
    ['/', { type: html, body: index }],
    ['/tab', { type: html, body: tab, ancestors: "'self'" }],
    ['/style.css', { type: 'text/css; charset=utf-8', body: styles }],
    ['/icon.svg', { type: 'image/svg+xml', body: icon }],
    ['/app/main.js', { type: script, body: main }],
    ['/app/tab.js', { type: script, body: tabScript }],
    ['/wasm/browser_bg.wasm', { type: 'application/wasm', body: wasm }],
  ];
  return new Map(entries);
}

/**
 * Only the wasm needs 'wasm-unsafe-eval'. The page can connect to its own worker and to the
 * service, and only the page can frame its second tab.
 *
 * @param {string} origin
 */
const contentSecurityPolicy = (origin, ancestors = "'none'") =>
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
 * Returns the handler of the site.
 *
 * @param {object} site
 * @param {Config} site.config
 * @param {string} site.origin - of the service
 * @param {Service} [site.service] - the emulator; the real service cannot be made to fail
 * @param {(request: Request) => Promise<Response>} site.callStaleWorker - calls the worker that has
 * an outdated server key
 */
export async function createSite({ config, origin, service, callStaleWorker }) {
  const files = await loadFiles();
  /** @param {string} [ancestors] */
  const headersFor = (ancestors) => ({
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy(origin, ancestors),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  const headers = headersFor();
  const routes = demoRoutes({ config, service, callStaleWorker, headers });

  /** @param {Request} request */
  return async (request) => {
    const { pathname } = new URL(request.url);
    const route = routes[`${request.method} ${pathname}`];
    if (route) return route(request);
    const file = request.method === 'GET' ? files.get(pathname) : undefined;
    return file
      ? new Response(file.body, {
          headers: { ...headersFor(file.ancestors), 'content-type': file.type },
        })
      : new Response('Not found', { status: 404, headers });
  };
}
