// Tests the code blocks that follow a test comment, in the READMEs and in the page about sessions.
// The comment says how to test the block:
//
// - `<!-- test: NAME node, prints TEXT -->` runs it in Node, and expects the text in its output.
// - `<!-- test: NAME worker -->` runs it in workerd, and expects a token in its response.
// - `<!-- test: NAME worker, prints TEXT -->` expects the text in the response instead.
// - `<!-- test: NAME page -->` bundles it for a page.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { createEmulator } from 'social-plus-auth/emulator';
import { equal, fail, ok } from '../conformance/harness.mjs';
import { createBareProject, root } from './project.mjs';

const files = ['pkg-template/README.md', 'pkg-template/docs/sessions.md', 'README.md'];
const MARKED_BLOCK =
  // lint:allow-long-line
  /<!-- test: ([\w-]+) (node|worker|page)(?:, prints (.+?))? -->\s*```(?:js|javascript|ts)\n([\s\S]*?)```/g;

const runInNode = async (name, code, expectedText) => {
  const output = await (await createBareProject()).run(name, code);
  ok(
    expectedText && output.includes(expectedText),
    `printed ${output.trim()}, expected ${expectedText}`,
  );
};

const bundle = async (name, code, options) => {
  const { path } = await createBareProject();
  const file = join(path, `${name}.mjs`);
  await writeFile(file, code);
  return (
    await build({
      entryPoints: [file],
      bundle: true,
      format: 'esm',
      write: false,
      outdir: '/',
      logLevel: 'error',
      ...options,
    })
  ).outputFiles;
};

/**
 * Runs a worker, and checks its response and that it mints an auth token. An emulator answers the
 * worker's requests, whatever their host.
 */
const runInWorker = async (name, code, expectedText) => {
  const outputFiles = await bundle(name, code, {
    conditions: ['workerd', 'worker', 'browser'],
    loader: { '.wasm': 'copy' },
    external: ['cloudflare:*', 'node:*'],
  });
  const modules = outputFiles
    .map(({ path, contents, text }) =>
      path.endsWith('.wasm')
        ? { type: 'CompiledWasm', path, contents }
        : { type: 'ESModule', path, contents: text },
    )
    .sort((a, b) => b.type.localeCompare(a.type));
  const emulator = await createEmulator({ secureMode: true });
  const outboundService = async (request) => {
    const { status, headers, body } = await emulator.fetch(request.url, {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body: request.body ? await request.text() : undefined,
    });
    return new (await import('miniflare')).Response(body, {
      status,
      headers: Object.fromEntries(headers),
    });
  };
  const miniflare = new Miniflare({
    modules,
    modulesRoot: '/',
    compatibilityDate: '2026-04-01',
    outboundService,
    bindings: { SERVER_KEY: emulator.serverKey, API_KEY: emulator.apiKey },
  });
  try {
    const response = await miniflare.dispatchFetch('http://127.0.0.1/auth/token', {
      method: 'POST',
      headers: {
        cookie: 'user=ada',
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
      },
      body: '{"deviceId":"device-1"}',
    });
    const answer = await response.text();
    ok(response.ok, `the worker responded with ${response.status}`);
    if (expectedText) ok(answer.includes(expectedText), `the response lacks ${expectedText}`);
    else {
      const { authToken, token, accessToken } = JSON.parse(answer);
      ok(
        [authToken, token, accessToken].some(
          (text) => typeof text === 'string' && text.length > 10,
        ),
        'the response has no token',
      );
    }
    ok(
      emulator.requests.some(
        ({ path, body, status }) =>
          path.endsWith('/authentication/token') && body?.userId === 'ada' && status === 200,
      ),
      'the worker minted no auth token for ada',
    );
  } finally {
    await miniflare.dispose();
  }
};

// React is external, because the app of the reader provides it.
const bundleForPage = async (name, code) => {
  const files = await bundle(name, code, { platform: 'browser', external: ['react'] });
  ok(files.length >= 1, 'esbuild produced no file');
};

const runners = { node: runInNode, worker: runInWorker, page: bundleForPage };

export const defineReadmeTests = async ({ test }) => {
  for (const file of files) {
    const text = await readFile(join(root, file), 'utf8').catch(() => '');
    const blocks = [...text.matchAll(MARKED_BLOCK)];
    const suffix = file.startsWith('pkg') ? ' for Node' : '';
    test(`${file} has a tested block${suffix}`, () => {
      if (!blocks.some(([, , kind]) => kind === 'node' || !suffix))
        fail(`no code block has a test comment${suffix}`);
    });
    test(`${file}: every test comment precedes a block`, () =>
      equal(blocks.length, (text.match(/<!-- test:/g) ?? []).length, 'blocks with a test comment'));
    for (const [, name, kind, expectedText, code] of blocks)
      test(`${file} · the block ${name} works unchanged (${kind})`, () =>
        runners[kind](name, code, expectedText));
  }
};
