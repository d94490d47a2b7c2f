// Serves a site for the tabs on loopback: the installed package with a strict content security
// policy, and an emulator at the same address. A test can delay requests, as a slow network does.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createEmulator } from 'social-plus-auth/emulator';
import { INSECURE_HOST } from '../browsers/puppeteer.mjs';
import { registerSecret } from '../conformance/harness.mjs';
import { installClock } from './page-clock.mjs';

const installed = new URL('../node_modules/social-plus-auth/', import.meta.url);
/** The package of an earlier commit, which every second tab loads; undefined in most runs. */
const earlier =
  process.env.EARLIER_PACKAGE && pathToFileURL(join(process.env.EARLIER_PACKAGE, '/'));

/** Returns the path of the entry for browsers below the address of a package. */
const readEntry = async (packageFolder) => {
  const manifest = await readFile(new URL('package.json', packageFolder), 'utf8');
  return `/package/${JSON.parse(manifest).exports['.'].browser.replace('./', '')}`;
};

const entry = await readEntry(installed);
const earlierEntry = earlier && (await readEntry(earlier));

/** The folder under which the site serves the package with a raised version (rule 20). */
const LATER = '/later';
/** The folder under which the site serves the package of an earlier commit. */
const EARLIER = '/earlier';

const createImportMap = (folder) => {
  const path = folder === EARLIER ? earlierEntry : entry;
  return JSON.stringify({ imports: { 'social-plus-auth': `${folder}${path}` } });
};

/**
 * Creates the page of a tab, which first runs `scripts`, a list of source texts, and then loads the
 * package from `folder`.
 */
const createPage = (scripts, folder) =>
  [
    '<!doctype html><meta charset="utf-8"><title>tab</title>',
    ...scripts.map((script) => `<script nonce="n">${script}</script>`),
    `<script type="importmap" nonce="n">${createImportMap(folder)}</script>`,
    '<script type="module" src="/tabs/tab.mjs"></script>',
  ].join('');

const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

const createPolicy = (origin = '') =>
  [
    "default-src 'none'",
    "script-src 'self' 'nonce-n' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    // WebKit requests an icon.
    "img-src 'self'",
    `connect-src 'self' ${origin}`,
  ].join('; ');

const readBody = async (incoming) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Raises the version of the shared state in a file of the package. */
const raiseVersion = (text) => {
  const raised = text.replace(
    /(RECORD_VERSION = )(\d+)/,
    (_, name, version) => name + (+version + 1),
  );
  if (raised === text) throw new Error('the version of the package is not where it was');
  return raised;
};

const locateFile = (path) => {
  const earlierFile = path.split(`${EARLIER}/package/`)[1];
  if (earlierFile && earlier) return new URL(earlierFile, earlier);
  if (path.startsWith('/package/')) return new URL(path.slice('/package/'.length), installed);
  if (path === '/worker.mjs') return new URL('worker.mjs', import.meta.url);
  return new URL(`..${path}`, import.meta.url);
};

/** Returns the block of code with this name in the documentation of the package. */
const readExample = async (name) => {
  const text = await readFile(new URL('docs/sessions.md', installed), 'utf8');
  const [, block] = text.split(`<!-- test: ${name} page -->\n\`\`\`js\n`);
  return block.split('```')[0];
};

const EXAMPLES = '/docs/';

/** Reads the file of an address: an example of the documentation, a test, or the package. */
const readAddress = (path) =>
  path.startsWith(EXAMPLES)
    ? readExample(path.slice(EXAMPLES.length, -'.mjs'.length))
    : readFile(locateFile(path));

const serveFile = async (address, outgoing) => {
  const isLater = address.startsWith(`${LATER}/`);
  const path = isLater ? address.slice(LATER.length) : address;
  try {
    let contents = await readAddress(path);
    if (isLater && path.endsWith('/session-wire.js')) contents = raiseVersion(contents.toString());
    // A service worker has no import map.
    if (path === '/worker.mjs')
      contents = contents.toString().replaceAll("'social-plus-auth'", `'${entry}'`);
    outgoing.writeHead(200, {
      'content-type': TYPES[extname(path)],
      'cache-control': 'no-store',
      'content-security-policy': createPolicy(),
    });
    outgoing.end(contents);
  } catch {
    outgoing.writeHead(404).end();
  }
};

/** Registers the token in the answer to a session request. */
const registerToken = (body) => {
  try {
    const { accessToken } = JSON.parse(body);
    if (accessToken) registerSecret(accessToken);
  } catch {
    // The answer is not JSON.
  }
};

/** Returns the number of a tab from the address of its page. */
const readTab = (address) => Number(/[?&]tab=(\d+)/.exec(address ?? '')?.[1]);

/**
 * Starts a site with its own service. The service's clock initially follows the real clock. Each
 * page installs the test's clock, runs `functions`, and then loads its own script.
 *
 * @param functions - Functions whose sources must not refer to anything outside of them.
 * @param options - The options of the emulator.
 */
export const startSite = async (functions = [], options = undefined) => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  // Pages of other hosts may not read the answers of an emulator without leave.
  const allowOrigins = [`http://${INSECURE_HOST}:${port}`];
  const service = await createEmulator({ allowOrigins, ...options });
  const gates = [];
  /** The number of requests that are neither answered nor held. */
  let inFlight = 0;
  /** By how many milliseconds the clock of a new page is ahead of the real clock. */
  let elapsed = 0;

  const servePage = (outgoing, folder) => {
    outgoing.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': createPolicy(site.url),
    });
    const scripts = functions.map((run) => `(${run})()`);
    outgoing.end(createPage([`(${installClock})(${elapsed})`, ...scripts], folder));
  };

  const chooseFolder = (address) => {
    if (site.isDeployed) return LATER;
    return earlier && readTab(address) % 2 === 0 ? EARLIER : '';
  };

  const callService = async ({ method, url, headers }, body) => {
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const init = { method, headers: new Headers(headers), body: hasBody ? body : undefined };
    return service.fetch(new Request(`${site.url}${url}`, init));
  };

  const serveApi = async (incoming, outgoing) => {
    const { method, url } = incoming;
    const body = await readBody(incoming);
    const gate = gates.find(
      (other) => !other.isUsed && other.method === method && other.path === url,
    );
    if (gate) gate.isUsed = true;
    inFlight += 1;
    const waitAtGate = () => {
      inFlight -= 1;
      gate.arrive(readTab(incoming.headers.referer));
      return gate.released.finally(() => (inFlight += 1));
    };
    try {
      if (gate && !gate.afterHandling) await waitAtGate();
      const exchange = { incoming, outgoing, tab: readTab(incoming.headers.referer) };
      const response = await site.intercept(exchange, () => callService(incoming, body));
      if (!response) return;
      if (gate?.afterHandling) await waitAtGate();
      // Close the connection: if a reused one breaks, a browser repeats the request automatically.
      const headers = { ...Object.fromEntries(response.headers), connection: 'close' };
      outgoing.writeHead(response.status, headers);
      const text = Buffer.from(await response.arrayBuffer());
      registerToken(text);
      outgoing.end(text);
    } catch {
      outgoing.destroy();
    } finally {
      inFlight -= 1;
    }
  };

  let startHold;
  let endHold;
  const holdStarted = new Promise((resolve) => (startHold = resolve));
  const holdEnded = new Promise((resolve) => (endHold = resolve));
  /** Maps a path to a function that returns what its response waits for, if anything. */
  const meetings = {
    '/hold': () => {
      startHold();
      return holdEnded;
    },
    '/held': () => holdStarted,
    '/release': endHold,
    '/ping': () => {},
  };

  const urls = [];
  server.on('request', (incoming, outgoing) => {
    urls.push(incoming.url);
    const path = incoming.url.split('?')[0];
    if (path.startsWith('/api/')) void serveApi(incoming, outgoing);
    else if (meetings[path])
      void Promise.resolve(meetings[path]()).then(() => outgoing.writeHead(204).end());
    else if (path === '/') servePage(outgoing, chooseFolder(incoming.url));
    else void serveFile(path, outgoing);
  });

  const site = {
    service,
    port,
    /** Whether pages load the package with a raised version, as after a deployment. */
    isDeployed: false,
    url: `http://127.0.0.1:${port}`,
    /** Returns whether a request to the service is in flight that no test holds. */
    isBusy: () => inFlight > 0,
    /** Returns the addresses that were requested, and the recorded requests to the service. */
    recordedText: () => JSON.stringify([urls, service.requests]),
    /** Advances the clock of the service, and of pages that are loaded later. */
    advance(ms) {
      elapsed += ms;
      service.clock.advance(ms);
    },
    /** Shifts the clock of pages that are loaded later. */
    shiftPages: (ms) => void (elapsed += ms),
    /**
     * Answers a request to the service. A test can replace this function. It returns a response, or
     * undefined if it has answered already or never will.
     */
    intercept: (exchange, next) => next(),
    countSessionRequests: () =>
      service.requests.filter(
        ({ method, path }) => method === 'POST' && path === '/api/v5/sessions',
      ).length,
    /**
     * Holds the next session request before the service receives it, until `release` is called.
     * With `afterHandling`, the service handles the request first, and its response is held.
     * `arrived` resolves when the request or the response is held, to the number of its tab.
     */
    holdRequest({ afterHandling = false } = {}) {
      let arrive;
      let release;
      const arrived = new Promise((resolve) => (arrive = resolve));
      const released = new Promise((resolve) => (release = resolve));
      const gate = {
        arrive,
        arrived,
        release,
        released,
        afterHandling,
        path: '/api/v5/sessions',
        method: 'POST',
        isUsed: false,
      };
      gates.push(gate);
      return gate;
    },
    close() {
      for (const gate of gates) gate.release();
      endHold();
      server.close();
      server.closeAllConnections();
    },
  };
  return site;
};
