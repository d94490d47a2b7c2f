// The code of the READMEs and of the page on sessions, run as a reader would run it. A comment
// before a block says how: `<!-- test: NAME node, prints TEXT -->`, `<!-- test: NAME worker -->`,
// `<!-- test: NAME worker, prints TEXT -->` (in its answer, instead of a token), `<!-- test: NAME
// page -->`.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { createEmulator } from 'social-plus-auth/emulator';
import { equal, fail, ok } from '../conformance/harness.mjs';
import { bareProject, root } from './project.mjs';

const files = ['pkg-template/README.md', 'pkg-template/docs/sessions.md', 'README.md'];
const marked =
  /<!-- test: ([\w-]+) (node|worker|page)(?:, prints (.+?))? -->\s*```(?:js|javascript|ts)\n([\s\S]*?)```/g;

const node = async (name, code, prints) => {
  const output = await (await bareProject()).run(name, code);
  ok(prints && output.includes(prints), `printed ${output.trim()}, wanted ${prints}`);
};

const bundled = async (name, code, options) => {
  const { at } = await bareProject();
  const file = join(at, `${name}.mjs`);
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

/** Every request that the worker makes ends in an emulator, whichever host it was for. */
const worker = async (name, code, prints) => {
  const outputFiles = await bundled(name, code, {
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
    ok(response.ok, `the worker answered ${response.status}`);
    if (prints) ok(answer.includes(prints), `the answer has no ${prints}`);
    else {
      const { authToken, token, accessToken } = JSON.parse(answer);
      ok(
        [authToken, token, accessToken].some(
          (text) => typeof text === 'string' && text.length > 10,
        ),
        'the answer has no token',
      );
    }
    ok(
      emulator.requests.some(
        ({ path, body, status }) =>
          path.endsWith('/authentication/token') && body?.userId === 'ada' && status === 200,
      ),
      'no token was minted for ada',
    );
  } finally {
    await miniflare.dispose();
  }
};

// React is for the app to bring.
const page = async (name, code) =>
  equal(
    (await bundled(name, code, { platform: 'browser', external: ['react'] })).length >= 1,
    true,
    'a bundle',
  );

const run = { node, worker, page };

export const readme = async ({ test }) => {
  for (const file of files) {
    const text = await readFile(join(root, file), 'utf8').catch(() => '');
    const blocks = [...text.matchAll(marked)];
    test(`${file} has code that is run${file.startsWith('pkg') ? ', some of it in Node' : ''}`, () => {
      if (!blocks.some(([, , kind]) => kind === 'node' || !file.startsWith('pkg')))
        fail('no block is marked');
    });
    test(`${file}: every mark stands before a block`, () =>
      equal(blocks.length, (text.match(/<!-- test:/g) ?? []).length, 'blocks'));
    for (const [, name, kind, prints, code] of blocks)
      test(`${file} · ${name}: runs as it stands (${kind})`, () => run[kind](name, code, prints));
  }
};
