// Serves the installed package to pages on loopback, unchanged. A page imports the entries through
// an import map, under a strict Content-Security-Policy.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const installed = new URL('../node_modules/social-plus-auth/', import.meta.url);
const { exports } = JSON.parse(await readFile(new URL('package.json', installed), 'utf8'));
const imports = Object.fromEntries(
  ['.', './edge', './emulator'].map((entry) => [
    `social-plus-auth${entry.slice(1)}`,
    `/package/${exports[entry].browser}`,
  ]),
);
const TYPES = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

const createPolicy = (wasmSource) =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-n' ${wasmSource}`,
    "connect-src 'self' http://127.0.0.1:*",
  ].join('; ');

const createPage = (script) =>
  [
    '<!doctype html><meta charset="utf-8">',
    `<script type="importmap" nonce="n">${JSON.stringify({ imports })}</script>`,
    `<script type="module" src="${script}"></script>`,
  ].join('');

/**
 * Starts the site. Its page `/` may compile WebAssembly, and its page `/strict` may not.
 *
 * @param script - The path of the page's script below `tests/`, for example `/fuzz/page.mjs`.
 */
export const startPackageSite = async (script) => {
  const site = { url: '', isWasmMissing: false };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    if (pathname === '/' || pathname === '/strict') {
      response.writeHead(200, {
        'content-type': 'text/html',
        'content-security-policy': createPolicy(pathname === '/' ? "'wasm-unsafe-eval'" : ''),
      });
      return response.end(createPage(script));
    }
    try {
      if (site.isWasmMissing && pathname.endsWith('.wasm')) throw new Error('missing');
      const file = pathname.startsWith('/package/')
        ? new URL(pathname.slice('/package/'.length), installed)
        : new URL(`..${pathname}`, import.meta.url);
      const contents = await readFile(file);
      response
        .writeHead(200, { 'content-type': TYPES[extname(pathname)], 'cache-control': 'no-store' })
        .end(contents);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  site.url = `http://127.0.0.1:${server.address().port}`;
  site.close = () => server.close();
  return site;
};
