// A site on loopback for tabs to open: the installed package under a strict policy, and the
// emulator behind the same address. Answers can be held back, as a network or a tab that dies
// would.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { createEmulator } from 'social-plus-auth/emulator';

const installed = new URL('../node_modules/social-plus-auth/', import.meta.url);
const { exports } = JSON.parse(await readFile(new URL('package.json', installed), 'utf8'));
const entry = `/package/${exports['.'].browser.replace('./', '')}`;
const importMap = `<script type="importmap" nonce="n">${JSON.stringify({ imports: { 'social-plus-auth': entry } })}</script>`;
const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const policy = (own) =>
  `default-src 'none'; script-src 'self' 'nonce-n' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ${own}`;

const bodyOf = async (incoming) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const fileFor = (path) => {
  if (path.startsWith('/package/')) return new URL(path.slice('/package/'.length), installed);
  // A service worker has no import map.
  if (path === '/worker.mjs') return new URL('worker.mjs', import.meta.url);
  return new URL(`..${path}`, import.meta.url);
};

const serveFile = async (path, outgoing) => {
  const file = fileFor(path);
  try {
    let contents = await readFile(file);
    if (path === '/worker.mjs')
      contents = contents.toString().replaceAll("'social-plus-auth'", `'${entry}'`);
    outgoing.writeHead(200, {
      'content-type': types[extname(path)],
      'cache-control': 'no-store',
      'content-security-policy': policy(''),
    });
    outgoing.end(contents);
  } catch {
    outgoing.writeHead(404).end();
  }
};

/**
 * Serves one site with a service of its own; its clock goes along with the real one until it is
 * turned.
 */
export const startSite = async (options) => {
  const service = await createEmulator(options);
  const gates = [];
  let underWay = 0;

  const answer = async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const body = await bodyOf(incoming);
    const gate = gates.find((one) => !one.used && one.method === method && one.path === url);
    if (gate) gate.used = true;
    underWay += 1;
    const stop = () => {
      underWay -= 1;
      gate.arrive();
      return gate.opened.finally(() => (underWay += 1));
    };
    try {
      if (gate && !gate.afterHandling) await stop();
      const bodiless = method === 'GET' || method === 'HEAD';
      const init = { method, headers: new Headers(headers), body: bodiless ? undefined : body };
      const response = await service.fetch(new Request(`${site.url}${url}`, init));
      if (gate?.afterHandling) await stop();
      // A connection is used once: a browser sends a request again, unasked, if one breaks that was
      // in use before.
      outgoing.writeHead(response.status, {
        ...Object.fromEntries(response.headers),
        connection: 'close',
      });
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    } catch {
      outgoing.destroy();
    } finally {
      underWay -= 1;
    }
  };

  const server = createServer((incoming, outgoing) => {
    const path = incoming.url.split('?')[0];
    if (path.startsWith('/api/')) return void answer(incoming, outgoing);
    if (path === '/ping') return void outgoing.writeHead(204).end();
    if (path !== '/') return void serveFile(path, outgoing);
    outgoing.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': policy(site.url),
    });
    outgoing.end(
      `<!doctype html><meta charset="utf-8"><title>tab</title>${importMap}<script type="module" src="/tabs/tab.mjs"></script>`,
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();

  const site = {
    service,
    port,
    url: `http://127.0.0.1:${port}`,
    isBusy: () => underWay > 0,
    /** Requests for a session so far. */
    made: () =>
      service.requests.filter(
        ({ method, path }) => method === 'POST' && path === '/api/v5/sessions',
      ).length,
    /**
     * Holds up the next request for a session, before the service has seen it or, with
     * `afterHandling`, its answer.
     */
    hold({ afterHandling = false, path = '/api/v5/sessions', method = 'POST' } = {}) {
      let arrive;
      let release;
      const arrived = new Promise((resolve) => (arrive = resolve));
      const opened = new Promise((resolve) => (release = resolve));
      const gate = { arrive, arrived, opened, release, afterHandling, path, method, used: false };
      gates.push(gate);
      return gate;
    },
    close() {
      for (const gate of gates) gate.release();
      server.close();
      server.closeAllConnections();
    },
  };
  return site;
};
