// Tiny real apps in bare projects that have nothing but the tarball: Node, a bundle for a page, a
// worker.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { equal, match, ok } from '../conformance/harness.mjs';
import { bareProject } from './project.mjs';

const signIn = `
  import { createSession, verifySession } from 'social-plus-auth';
  import { createAuthToken } from 'social-plus-auth/edge';
  import { createEmulator, listen } from 'social-plus-auth/emulator';
  const emulator = await createEmulator({ secureMode: true });
  const { url: endpoint, close } = await listen(emulator);
  const { token } = await createAuthToken({ endpoint, serverKey: emulator.serverKey }, { userId: 'ada' });
  const session = await createSession({ endpoint, apiKey: emulator.apiKey }, { userId: 'ada', deviceId: 'device-1', authToken: token });
  console.log(session.userId, (await verifySession({ endpoint }, session.accessToken)).valid);
  await close();`;

const noWasm = `
  delete globalThis.WebAssembly;
  delete globalThis.TextDecoder; // which React Native's Hermes lacks as well
  const { createSession } = await import('social-plus-auth');
  const call = createSession({ region: 'eu', apiKey: 'k' }, { userId: 'ada', deviceId: 'd' });
  await call.catch(({ kind, message }) => console.log(kind, message));`;

const untouched = `
  const named = ['fetch', 'WebAssembly', 'AbortController', 'AbortSignal', 'Headers', 'Request', 'Response', 'setTimeout'];
  named.push('crypto', 'performance', 'navigator', 'localStorage', 'window', 'document', 'self');
  const touched = [];
  for (const name of named) {
    const value = globalThis[name];
    const get = () => {
      if (new Error().stack.includes('node_modules/social-plus-auth/')) touched.push(name);
      return value;
    };
    Object.defineProperty(globalThis, name, { configurable: true, get });
  }
  for (const entry of ['', '/edge', '/emulator']) await import('social-plus-auth' + entry);
  console.log([...new Set(touched)].join());`;

const lateWasm = `
  import { createSession, ready } from 'social-plus-auth';
  const outcome = () => createSession({}, {}).catch(({ kind }) => kind);
  const kind = (promise) => promise.catch(({ kind }) => kind);
  console.log(await kind(ready('http://127.0.0.1:1/none.wasm')), await kind(ready(new Uint8Array(8))), await outcome());`;

const twoCopies = (other) => `
  import * as mine from 'social-plus-auth';
  const theirs = await import(${JSON.stringify(other)});
  const error = await theirs.createSession({}, {}).catch((error) => error);
  console.log(error instanceof mine.SocialPlusError, mine.SocialPlusError.is(error), theirs.SocialPlusError.is(error));`;

const node = (test) => {
  test('a bare Node project signs a user in', async () =>
    equal(await (await bareProject()).run('sign-in', signIn), 'ada true\n', 'output'));
  test('the package brings nothing else along', async () => {
    const { at } = await bareProject();
    const { packages } = JSON.parse(await readFile(join(at, 'package-lock.json'), 'utf8'));
    equal(Object.keys(packages), ['', 'node_modules/social-plus-auth'], 'packages');
    const manifest = JSON.parse(
      await readFile(join(at, 'node_modules/social-plus-auth/package.json'), 'utf8'),
    );
    for (const field of [
      'dependencies',
      'peerDependencies',
      'optionalDependencies',
      'bundleDependencies',
      'scripts',
    ])
      equal(manifest[field], undefined, field);
    equal(manifest.type, 'module', 'type');
equal(manifest.license, 'MIT OR Apache-2.0', 'license');
    equal(Object.keys(manifest.bin), ['social-plus-auth'], 'programs');
  });
  test('an engine without WebAssembly gets a sentence of kind unsupported', async () =>
    match(
      await (await bareProject()).run('no-wasm', noWasm),
      /^unsupported .*WebAssembly/,
      'output',
    ));
  test('an import touches no global that a server or worker may lack', async () =>
    equal(await (await bareProject()).run('untouched', untouched), '\n', 'globals touched'));
  test('ready forgets an attempt that failed', async () =>
    equal(
      await (await bareProject()).run('late-wasm', lateWasm),
      'network unsupported config\n',
      'output',
    ));
  test('errors are known across two copies of the package', async () => {
    const [one, two] = [await bareProject(), await bareProject()];
    const copy = new URL(`file://${join(two.at, 'node_modules/social-plus-auth/browser/node.js')}`)
      .href;
    equal(await one.run('two-copies', twoCopies(copy)), 'false true true\n', 'output');
  });
};

const edgeOnly = ['x-server-key', 'authentication/token', 'admin/v1', 'server-key'];

/**
 * Bundles for a page as an app would that names its wasm to `ready`; what comes out is run here,
 * with nothing of Node's in it.
 */
const page = (test) => {
  const contents = `
    import { createSession, ready } from 'social-plus-auth';
    import wasm from 'social-plus-auth/wasm/browser.wasm';
    export const kind = async (base) => {
      await ready(base ? new URL(wasm, base) : wasm);
      const call = createSession({ endpoint: 'http://127.0.0.1:1', apiKey: 'k', retry: false }, { userId: 'ada', deviceId: 'd' });
      return call.catch(({ kind }) => kind);
    };`;
  const bundle = async (loader) => {
    const { at } = await bareProject();
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: at },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      write: false,
      outdir: '/',
      loader: { '.wasm': loader },
      logLevel: 'error',
    });
    const script = outputFiles.find(({ path }) => path.endsWith('.js'));
    return {
      outputFiles,
      module: () =>
        import(`data:text/javascript;base64,${Buffer.from(script.contents).toString('base64')}`),
    };
  };
  test('a bundle for a page with the wasm inside it', async () =>
    equal(
      await (await (await bundle('binary')).module()).kind(),
      'network',
      'kind of the error of a call that got as far as fetch',
    ));
  test('a bundle for a page with the wasm beside it', async () => {
    const { outputFiles, module } = await bundle('file');
    const wasm = outputFiles.find(({ path }) => path.endsWith('.wasm'));
    const server = createServer((_, response) => response.end(wasm.contents)); // no content type: some servers know none
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      equal(
        await (await module()).kind(`http://127.0.0.1:${server.address().port}/`),
        'network',
        'kind',
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
  test('a bundle for a page has nothing of the edge in it', async () => {
    const { outputFiles } = await bundle('file');
    for (const { path, contents: bytes } of outputFiles) {
      const text = Buffer.from(bytes).toString('latin1');
      for (const word of edgeOnly) ok(!text.includes(word), `${path} contains ${word}`);
    }
    equal(outputFiles.length, 2, 'files');
  });
};

export const apps = ({ test }) => [node, page].forEach((part) => part(test));
