// Tests the Rust programs that `cargo xtask test` has built from this folder: a native program, a
// worker on workerd, and a page in Chromium. All of them use an emulator in secure mode.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { chromium } from 'playwright-core';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { options } from '../chromium.mjs';
import { bundleWorker } from '../conformance/bundle.mjs';
import { conclude, equal, match, ok, runTests } from '../conformance/harness.mjs';
import { mustRun, root } from './project.mjs';

const apps = join(root, process.env.RUST_APPS ?? 'target/rust-apps');

/** Starts the worker. Its entry does the same as the entry that `worker-build` would write. */
const startWorker = async ({ url, emulator }) => {
  const entry = join(apps, 'rust-worker/entry.mjs');
  await writeFile(
    entry,
    `import * as glue from './app_bg.js';
    import module from './app_bg.wasm';
    const { exports } = new WebAssembly.Instance(module, { './app_bg.js': glue });
    glue.__wbg_set_wasm(exports);
    exports.__wbindgen_start?.();
    export default { fetch: glue.fetch };`,
  );
  return new Miniflare({
    modules: await bundleWorker(entry),
    modulesRoot: '/',
    compatibilityDate: '2026-04-01',
    bindings: { ENDPOINT: url, SERVER_KEY: emulator.serverKey, API_KEY: emulator.apiKey },
  });
};

const page = `<!doctype html><meta charset="utf-8"><title>Sign in</title>
<script type="module">
  import init from '/app.js';
  await init({ module_or_path: '/app_bg.wasm' });
</script>`;

/** Serves the page, its configuration, and the worker's routes under `/auth/`. */
const startSite = async ({ url, emulator }, worker) => {
  const files = {
    '/app.js': { name: 'app.js', type: 'text/javascript' },
    '/app_bg.wasm': { name: 'app_bg.wasm', type: 'application/wasm' },
  };
  const respond = async (path) => {
    if (path === '/') return { type: 'text/html', body: page };
    if (path === '/config.json')
      return {
        type: 'application/json',
        body: JSON.stringify({ endpoint: url, apiKey: emulator.apiKey }),
      };
    if (path.startsWith('/auth/')) {
      const response = await worker.dispatchFetch(`http://127.0.0.1${path}`, { method: 'POST' });
      return { type: 'application/json', body: await response.text(), status: response.status };
    }
    const file = files[path];
    return file
      ? { type: file.type, body: await readFile(join(apps, 'rust-page', file.name)) }
      : { type: 'text/plain', body: 'Not found', status: 404 };
  };
  const server = createServer(async (request, response) => {
    const { type, body, status = 200 } = await respond(request.url);
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

/** Faulty versions of `fetch` for requests to the service, and the status that the page shows. */
const FAULTY_FETCHES = {
  'rejects with a string': ['() => Promise.reject("no")', /^failed: Network error/],
  'rejects with undefined': ['() => Promise.reject()', /^failed: Network error/],
  throws: ['() => { throw new Error("no"); }', /^failed: Network error/],
  'returns no promise': ['() => 1', /^failed: The transport returned something/],
  'resolves to an object that is not a Response': [
    'async () => ({ status: 200 })',
    /^failed: The transport returned/,
  ],
  'never settles': ['() => new Promise(() => {})', /^failed: Request timed out/],
  'resolves to an HTML page': [
    'async () => new Response("<html>")',
    /^failed: A proxy, not the service, may have responded:/,
  ],
  'resolves to an endless body': [
    `async () => new Response(new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65536)),
    }))`,
    /^failed: The response is larger than 1 MiB/,
  ],
  'resolves to a body that breaks off': [
    `async () => new Response(new ReadableStream({
      pull: (controller) => controller.error("cut"),
    }))`,
    /^failed: Network error/,
  ],
  'resolves to a body of text chunks': [
    `async () => new Response(new ReadableStream({
      pull: (controller) => controller.enqueue("text"),
    }))`,
    /^failed: (Network error|The transport returned)/,
  ],
  'resolves to a body that is already in use': [
    `async () => {
      const response = new Response('{}');
      response.body.getReader();
      return response;
    }`,
    /^failed: The transport returned/,
  ],
};

conclude(async () => {
  const emulator = await createEmulator({ secureMode: true });
  const service = { emulator, ...(await listen(emulator)) };
  const worker = await startWorker(service);
  const site = await startSite(service, worker);
  const browser = await chromium.launch(options());

  /**
   * Opens the page, signs in, and returns the status that the page shows and the errors that it
   * threw. If `fetch` is given, this source text replaces `fetch` for requests to the service.
   */
  const signIn = async (fetch) => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    const errors = [];
    tab.on('pageerror', (error) => errors.push(error.message));
    await tab.goto(`http://127.0.0.1:${site.address().port}/`);
    if (fetch)
      await tab.evaluate(`{
        const original = fetch;
        globalThis.fetch = (request) =>
          (request.url ?? request).startsWith(${JSON.stringify(service.url)})
            ? (${fetch})()
            : original(request);
      }`);
    await tab.click('button');
    const output = tab.locator('output', { hasText: /^(signed in|failed)/ });
    const status = await output.textContent({ timeout: 25_000 });
    await context.close();
    return { status, errors };
  };

  const tests = [];
  const test = (name, body) => tests.push({ name: `rust · ${name}`, body });

  test('a native program signs in and out', async () => {
    const program = join(apps, 'debug', `rust-native${process.platform === 'win32' ? '.exe' : ''}`);
    const output = await mustRun(program, [service.url, emulator.apiKey, emulator.serverKey]);
    equal(output, 'signed in as ada\nvalid after the sign-out: false\n', 'output');
  });
  test('a worker mints an auth token', async () => {
    const response = await worker.dispatchFetch('http://127.0.0.1/auth/token', { method: 'POST' });
    equal(response.status, 200, 'status');
    const { userId, token } = await response.json();
    equal(userId, 'ada', 'user');
    ok(token.length > 0, 'the token is empty');
  });
  test('a worker signs in', async () => {
    const response = await worker.dispatchFetch('http://127.0.0.1/auth/session');
    equal(response.status, 200, 'status');
    const { userId, deviceId, userType } = await response.json();
    equal(
      { userId, deviceId, userType },
      {
        userId: 'ada',
        deviceId: 'worker-device',
        userType: 'signed-in',
      },
    );
  });
  test('a worker reports a failure after its retries', async () => {
    emulator.faults.add({ times: 3, status: 503 });
    const response = await worker.dispatchFetch('http://127.0.0.1/auth/token');
    emulator.faults.clear();
    equal(await response.json(), {
      kind: 'server',
      operation: 'create_auth_token',
      attempts: 3,
    });
  });
  test('a page signs in', async () => {
    const { status, errors } = await signIn();
    equal(status, 'signed in as ada', 'status');
    equal(errors, [], 'errors of the page');
  });
  for (const [name, [fetch, expected]] of Object.entries(FAULTY_FETCHES))
    test(`a page reports the failure of a fetch that ${name}`, async () => {
      const { status, errors } = await signIn(fetch);
      match(status, expected, 'status');
      equal(errors, [], 'errors of the page');
    });

  try {
    return await runTests(tests);
  } finally {
    await browser.close();
    site.close();
    await worker.dispose();
    await service.close();
  }
});
