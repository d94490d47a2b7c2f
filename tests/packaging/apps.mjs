// Tests small real apps: Node programs, and bundles for a page. The only dependency of their
// projects is the tarball.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { equal, match, ok } from '../conformance/harness.mjs';
import { createBareProject } from './project.mjs';

const SIGN_IN = `
  import { createSession, verifySession } from 'social-plus-auth';
  import { createAuthToken } from 'social-plus-auth/edge';
  import { createEmulator, listen } from 'social-plus-auth/emulator';
  const emulator = await createEmulator({ secureMode: true });
  const { url: endpoint, close } = await listen(emulator);
  const minting = { endpoint, serverKey: emulator.serverKey };
  const { token: authToken } = await createAuthToken(minting, { userId: 'ada' });
  const request = { userId: 'ada', deviceId: 'device-1', authToken };
  const session = await createSession({ endpoint, apiKey: emulator.apiKey }, request);
  console.log(session.userId, (await verifySession({ endpoint }, session.accessToken)).valid);
  await close();`;

const WITHOUT_WEB_ASSEMBLY = `
  delete globalThis.WebAssembly;
  delete globalThis.TextDecoder; // React Native's Hermes lacks both.
  const { createSession } = await import('social-plus-auth');
  const call = createSession({ region: 'eu', apiKey: 'k' }, { userId: 'ada', deviceId: 'd' });
  await call.catch(({ kind, message }) => console.log(kind, message));`;

const RECORD_GLOBALS = `
  const names = ['fetch', 'WebAssembly', 'AbortController', 'AbortSignal', 'Headers', 'Request'];
  names.push('Response', 'setTimeout', 'crypto', 'performance', 'navigator', 'localStorage');
  names.push('window', 'document', 'self');
  const accessed = [];
  for (const name of names) {
    const value = globalThis[name];
    const get = () => {
      if (new Error().stack.includes('node_modules/social-plus-auth/')) accessed.push(name);
      return value;
    };
    Object.defineProperty(globalThis, name, { configurable: true, get });
  }
  for (const entry of ['', '/edge', '/emulator']) await import('social-plus-auth' + entry);
  console.log([...new Set(accessed)].join());`;

const FAILED_READY = `
  import { createSession, ready } from 'social-plus-auth';
  const kindOf = (promise) => promise.catch(({ kind }) => kind);
  const unreachable = await kindOf(ready('http://127.0.0.1:1/none.wasm'));
  const invalid = await kindOf(ready(new Uint8Array(8)));
  console.log(unreachable, invalid, await kindOf(createSession({}, {})));`;

const compareCopies = (otherCopy) => `
  import * as mine from 'social-plus-auth';
  const theirs = await import(${JSON.stringify(otherCopy)});
  const error = await theirs.createSession({}, {}).catch((error) => error);
  console.log(error instanceof mine.SocialPlusError);
  console.log(mine.SocialPlusError.is(error), theirs.SocialPlusError.is(error));`;

const defineNodeTests = (test) => {
  test('a bare Node project can sign a user in', async () =>
    equal(await (await createBareProject()).run('sign-in', SIGN_IN), 'ada true\n', 'output'));
  test('the manifest has no dependencies and no scripts, and names one program', async () => {
    const { path } = await createBareProject();
    const { packages } = JSON.parse(await readFile(join(path, 'package-lock.json'), 'utf8'));
    equal(Object.keys(packages), ['', 'node_modules/social-plus-auth'], 'packages');
    const manifest = JSON.parse(
      await readFile(join(path, 'node_modules/social-plus-auth/package.json'), 'utf8'),
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
    equal(Object.keys(manifest.bin), ['social-plus-auth'], 'programs in bin');
  });
  test('without WebAssembly, a call rejects with unsupported and names WebAssembly', async () =>
    match(
      await (await createBareProject()).run('no-wasm', WITHOUT_WEB_ASSEMBLY),
      /^unsupported .*WebAssembly/,
      'output',
    ));
  test('an import of the entries reads no web global, such as fetch or localStorage', async () =>
    equal(
      await (await createBareProject()).run('globals', RECORD_GLOBALS),
      '\n',
      'accessed globals',
    ));
  test('a call loads the WebAssembly even if an earlier call of ready failed', async () =>
    equal(
      await (await createBareProject()).run('failed-ready', FAILED_READY),
      'network unsupported config\n',
      'output',
    ));
  test('SocialPlusError.is recognises errors of another copy of the package', async () => {
    const [first, second] = [await createBareProject(), await createBareProject()];
    const copy = new URL(
      `file://${join(second.path, 'node_modules/social-plus-auth/browser/node.js')}`,
    ).href;
    equal(await first.run('two-copies', compareCopies(copy)), 'false\ntrue true\n', 'output');
  });
};

const EDGE_ONLY_WORDS = ['x-server-key', 'authentication/token', 'admin/v1', 'server-key'];

/**
 * Defines tests of an app that is bundled for a page and passes the WebAssembly to `ready`. The
 * bundle runs in this process of Node.
 */
const definePageTests = (test) => {
  const contents = `
    import { createSession, ready } from 'social-plus-auth';
    import wasm from 'social-plus-auth/wasm/browser.wasm';
    export const getErrorKind = async (base) => {
      await ready(base ? new URL(wasm, base) : wasm);
      const options = { endpoint: 'http://127.0.0.1:1', apiKey: 'k', retry: false };
      return createSession(options, { userId: 'ada', deviceId: 'd' }).catch(({ kind }) => kind);
    };`;
  const bundle = async (loader) => {
    const { path } = await createBareProject();
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: path },
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
      load: () =>
        import(`data:text/javascript;base64,${Buffer.from(script.contents).toString('base64')}`),
    };
  };
  test('a bundle for a page works with the WebAssembly inlined', async () =>
    equal(
      await (await (await bundle('binary')).load()).getErrorKind(),
      'network',
      'kind of the error',
    ));
  test('a bundle for a page works with the WebAssembly as a file', async () => {
    const { outputFiles, load } = await bundle('file');
    const wasm = outputFiles.find(({ path }) => path.endsWith('.wasm'));
    // Like some servers, this server sends no content type.
    const server = createServer((_, response) => response.end(wasm.contents));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      equal(
        await (await load()).getErrorKind(`http://127.0.0.1:${server.address().port}/`),
        'network',
        'kind of the error',
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
  test('a bundle for a page contains no header or path of the edge-only calls', async () => {
    const { outputFiles } = await bundle('file');
    for (const { path, contents: bytes } of outputFiles) {
      const text = Buffer.from(bytes).toString('latin1');
      for (const word of EDGE_ONLY_WORDS) ok(!text.includes(word), `${path} contains ${word}`);
    }
    equal(outputFiles.length, 2, 'files');
  });
};

export const defineAppTests = ({ test }) => {
  defineNodeTests(test);
  definePageTests(test);
};
