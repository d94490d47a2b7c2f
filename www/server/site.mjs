// Serves the page's files and the routes under /demo/. The worker calls the site through its
// binding `ASSETS`; in a deployed app, the platform would serve the app's static files through this
// binding.
import { readFile } from 'node:fs/promises';
import { Response } from 'miniflare';
import { bundlePage, bundleStyles, readBrowserWasm } from './bundle.mjs';
import { createDemoRoutes } from './demo-routes.mjs';

/** @import { Config } from '../types.js' */
/** @import { Service } from './service.mjs' */

/** @typedef {{ type: string, body: BodyInit, ancestors?: string }} SiteFile */

/** @param {string} name */
const readText = (name) => readFile(new URL(`../${name}`, import.meta.url), 'utf8');

/** @returns {Promise<Map<string, SiteFile>>} */
async function loadFiles() {
  const [index, tab, styles, icon, main, tabScript, wasm] = await Promise.all([
    readText('index.html'),
    readText('tab.html'),
    bundleStyles(),
    readText('icon.svg'),
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
 * Returns the Content-Security-Policy of a page. It contains 'wasm-unsafe-eval' only because the
 * page loads WebAssembly. The page can connect only to its own worker and to the service.
 *
 * @param {string} origin - of the service
 * @param {string} [ancestors] - the CSP sources of pages that may show this one in a frame
 */
const createSecurityPolicy = (origin, ancestors = "'none'") =>
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
 * Returns the function that handles the requests of the site.
 *
 * @param {object} site
 * @param {Config} site.config
 * @param {string} site.origin - of the service
 * @param {Service} [site.service] - the emulator; absent with the real service, which the demo
 * cannot control
 * @param {(request: Request) => Promise<Response>} site.callStaleWorker - calls the worker that has
 * an outdated server key
 */
export async function createSite({ config, origin, service, callStaleWorker }) {
  const files = await loadFiles();
  /** @param {string} [ancestors] */
  const createHeaders = (ancestors) => ({
    'cache-control': 'no-store',
    'content-security-policy': createSecurityPolicy(origin, ancestors),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  const headers = createHeaders();
  const routes = createDemoRoutes({ config, service, callStaleWorker, headers });

  /** @param {Request} request */
  return async (request) => {
    const { pathname } = new URL(request.url);
    const route = routes[`${request.method} ${pathname}`];
    if (route) return route(request);
    const file = request.method === 'GET' ? files.get(pathname) : undefined;
    return file
      ? new Response(file.body, {
          headers: { ...createHeaders(file.ancestors), 'content-type': file.type },
        })
      : new Response('Not found', { status: 404, headers });
  };
}
