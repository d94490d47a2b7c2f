// Serves the page of a candidate on loopback, with its backend at the same address. A scenario may
// replace the network between them, in order to lose, hold or refuse any request.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { installClock } from '../tabs/page-clock.mjs';
import { installProbes } from './probes.mjs';

const installed = new URL('../node_modules/social-plus-auth/', import.meta.url);
const { exports } = JSON.parse(await readFile(new URL('package.json', installed), 'utf8'));
const entry = `/package/${exports['.'].browser.replace('./', '')}`;
const importMap = JSON.stringify({ imports: { 'social-plus-auth': entry } });
const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'nonce-n' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  'img-src data:',
].join('; ');

/** Returns the number of the tab that sent a request, from the address of its page. */
const readTab = ({ headers }) => Number(/[?&]tab=(\d+)/.exec(headers.referer ?? '')?.[1]);

const createPage = (scripts) =>
  [
    '<!doctype html><meta charset="utf-8"><title>board</title><link rel="icon" href="data:,">',
    ...scripts.map((script) => `<script nonce="n">${script}</script>`),
    `<script type="importmap" nonce="n">${importMap}</script>`,
    '<script type="module" src="/candidate.js"></script>',
  ].join('');

const readBody = async (incoming) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/**
 * Starts a site.
 *
 * @param script - The bundled script of the candidate.
 * @param createBackend - Creates the backend, which answers all requests that the site does not.
 * @param functions - Functions that run in each page before the candidate's script. Their sources
 *   must not refer to anything outside of them.
 */
export const startSite = async (script, createBackend, functions) => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const backend = await createBackend(url);
  /** By how many milliseconds the clock of a new page is ahead of the real clock. */
  let elapsed = 0;
  let inFlight = 0;
  let release;
  let hold = new Promise((resolve) => (release = resolve));

  const serveBackend = async (request, outgoing) => {
    inFlight += 1;
    const pause = async (promise) => {
      inFlight -= 1;
      await promise;
      inFlight += 1;
    };
    try {
      const next = () => backend.handle(request);
      const answer = await site.network(
        { ...request, tab: readTab(request), kind: backend.classify(request) },
        next,
        pause,
      );
      if (!answer) return void outgoing.destroy();
      // Close the connection: if a reused one breaks, a browser repeats the request automatically.
      outgoing.writeHead(answer.status, { ...answer.headers, connection: 'close' });
      outgoing.end(answer.body);
    } catch (error) {
      site.problems.push(String(error.stack));
      outgoing.destroy();
    } finally {
      inFlight -= 1;
    }
  };

  const serveFile = async (path, outgoing) => {
    try {
      const contents = await readFile(new URL(path.slice('/package/'.length), installed));
      const type = TYPES[extname(path)];
      outgoing.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
      outgoing.end(contents);
    } catch {
      outgoing.writeHead(404).end();
    }
  };

  server.on('request', async (incoming, outgoing) => {
    const [path] = incoming.url.split('?');
    if (path === '/') {
      outgoing.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': POLICY });
      const scripts = [`(${installClock})(${elapsed})`, `(${installProbes})()`];
      outgoing.end(createPage([...scripts, ...functions.map((run) => `(${run})()`)]));
    } else if (path === '/candidate.js') {
      outgoing.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else if (path === '/worker.js') {
      // A worker has no import map.
      const imported = script.replaceAll('"social-plus-auth"', `"${entry}"`);
      const source = `${imported};postMessage("fine");`;
      outgoing.writeHead(200, { 'content-type': 'text/javascript' }).end(source);
    } else if (path === '/hold') {
      await hold;
      outgoing.writeHead(204).end();
    } else if (path.startsWith('/package/')) {
      await serveFile(path, outgoing);
    } else {
      const { method, url: address, headers } = incoming;
      await serveBackend(
        { method, path, url: address, headers, body: await readBody(incoming) },
        outgoing,
      );
    }
  });

  const site = {
    url,
    backend,
    problems: [],
    /** Decides the fate of a request to the backend. Undefined breaks the connection. */
    network: (request, next) => next(),
    isBusy: () => inFlight > 0,
    /** Ends the synchronous requests with which pages block their threads. */
    endHold() {
      release();
      hold = new Promise((resolve) => (release = resolve));
    },
    advance(ms) {
      elapsed += ms;
      backend.advance(ms);
    },
    shiftPages: (ms) => void (elapsed += ms),
    close() {
      release();
      server.close();
      server.closeAllConnections();
    },
  };
  return site;
};
