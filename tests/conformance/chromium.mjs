// Runs the suite in Chromium: the installed files served over loopback as they are, found through
// an import map, under a strict Content-Security-Policy.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { chromium } from 'playwright-core';
import { options } from '../chromium.mjs';
import { conclude, mergeResults, match, runTests } from './harness.mjs';
import { startServers } from './live-servers.mjs';

const installed = new URL('../node_modules/social-plus-auth/', import.meta.url);
const { exports } = JSON.parse(await readFile(new URL('package.json', installed), 'utf8'));
const imports = Object.fromEntries(
  ['.', './edge', './emulator'].map((entry) => [
    `social-plus-auth${entry.slice(1)}`,
    `/package/${exports[entry].browser}`,
  ]),
);
const importMap = `<script type="importmap" nonce="n">${JSON.stringify({ imports })}</script>`;
const types = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const policy = (wasm) =>
  `default-src 'none'; script-src 'self' 'nonce-n' ${wasm}; connect-src 'self' http://127.0.0.1:*`;

let wasmIsDown = false;
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  if (pathname === '/' || pathname === '/strict') {
    response.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': policy(pathname === '/' ? "'wasm-unsafe-eval'" : ''),
    });
    return response.end(`<!doctype html><meta charset="utf-8">${importMap}`);
  }
  try {
    if (wasmIsDown && pathname.endsWith('.wasm')) throw new Error('down');
    const file = pathname.startsWith('/package/')
      ? new URL(pathname.slice('/package/'.length), installed)
      : new URL(`..${pathname}`, import.meta.url);
    const contents = await readFile(file);
    response
      .writeHead(200, { 'content-type': types[extname(pathname)], 'cache-control': 'no-store' })
      .end(contents);
  } catch {
    response.writeHead(404).end();
  }
});

/** A call that needs the wasm, in a page that has not loaded it yet. */
const outcome = (page) =>
  page.evaluate(() => import('/conformance/page.mjs').then(({ outcome }) => outcome()));
const loading = (opened) =>
  [
    [
      'a wasm file that does not load is a network error, and the next call tries again',
      async () => {
        const page = await opened('/');
        wasmIsDown = true;
        match(await outcome(page), /^network: .*ready\(\)/, 'the first call');
        wasmIsDown = false;
        match(await outcome(page), /^config: /, 'the next call');
      },
    ],
    [
      'a policy without wasm-unsafe-eval is told so',
      async () =>
        match(
          await outcome(await opened('/strict')),
          /^unsupported: .*wasm-unsafe-eval/,
          'the call',
        ),
    ],
  ].map(([name, body]) => ({ name: `page · ${name}`, body }));

conclude(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { live, close } = await startServers();
  const browser = await chromium.launch(options());
  try {
    const opened = async (path) => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`http://127.0.0.1:${server.address().port}${path}`);
      return page;
    };
    const results = await (
      await opened('/')
    ).evaluate((given) => import('/conformance/page.mjs').then(({ suite }) => suite(given)), live);
    return mergeResults(results, await runTests(loading(opened)));
  } finally {
    await browser.close();
    await close();
    server.close();
  }
});
