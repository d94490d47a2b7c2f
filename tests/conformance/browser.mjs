// Runs the suite in the browser that the first argument names. A server on loopback serves the
// installed files unchanged; the page imports them through an import map, under a strict
// Content-Security-Policy.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { launch, openAddress } from '../browsers/launch.mjs';
import { conclude, match, mergeResults, runTests } from './harness.mjs';
import { startServers } from './live-servers.mjs';

const installedPackage = new URL('../node_modules/social-plus-auth/', import.meta.url);
const { exports } = JSON.parse(await readFile(new URL('package.json', installedPackage), 'utf8'));
const imports = Object.fromEntries(
  ['.', './edge', './emulator'].map((entry) => [
    `social-plus-auth${entry.slice(1)}`,
    `/package/${exports[entry].browser}`,
  ]),
);
const html = [
  '<!doctype html><meta charset="utf-8">',
  `<script type="importmap" nonce="n">${JSON.stringify({ imports })}</script>`,
  '<script type="module" src="/conformance/page.mjs"></script>',
].join('');
const types = {
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

let isWasmMissing = false;
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  if (pathname === '/' || pathname === '/strict') {
    response.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': createPolicy(pathname === '/' ? "'wasm-unsafe-eval'" : ''),
    });
    return response.end(html);
  }
  try {
    if (isWasmMissing && pathname.endsWith('.wasm')) throw new Error('missing');
    const file = pathname.startsWith('/package/')
      ? new URL(pathname.slice('/package/'.length), installedPackage)
      : new URL(`..${pathname}`, import.meta.url);
    const contents = await readFile(file);
    response
      .writeHead(200, { 'content-type': types[extname(pathname)], 'cache-control': 'no-store' })
      .end(contents);
  } catch {
    response.writeHead(404).end();
  }
});

/**
 * Makes a call in a page that has not loaded the WebAssembly yet, and returns its outcome as text.
 */
const makeCallIn = (page) => page.evaluate(() => globalThis.suite.makeCall());
const createLoadingTests = (openPage) =>
  [
    [
      'a call without its WebAssembly file rejects with network, and the next call loads the file',
      async () => {
        const page = await openPage('/');
        isWasmMissing = true;
        match(await makeCallIn(page), /^network: .*ready\(\)/, 'outcome of the first call');
        isWasmMissing = false;
        match(await makeCallIn(page), /^config: /, 'outcome of the next call');
      },
    ],
    [
      'without wasm-unsafe-eval, a call rejects with unsupported and names wasm-unsafe-eval',
      async () =>
        match(
          await makeCallIn(await openPage('/strict')),
          /^unsupported: .*wasm-unsafe-eval/,
          'outcome',
        ),
    ],
  ].map(([name, body]) => ({ name: `page · ${name}`, body }));

conclude(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { live, close } = await startServers();
  const browser = await launch(process.argv[2]);
  const contexts = [];
  try {
    const openPage = async (path) => {
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      await openAddress(page, `http://127.0.0.1:${server.address().port}${path}`, 'suite');
      return page;
    };
    const page = await openPage('/');
    const results = await page.evaluate((addresses) => globalThis.suite.run(addresses), live);
    return mergeResults(results, await runTests(createLoadingTests(openPage)));
  } finally {
    for (const context of contexts) await context.close();
    await browser.close();
    await close();
    server.close();
  }
});
