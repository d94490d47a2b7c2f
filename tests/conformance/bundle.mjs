// Bundles workers for workerd. Bundles and starts workers for Vercel's edge runtime.
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EdgeRuntime } from 'edge-runtime';
import { build } from 'esbuild';

/**
 * Bundles a worker for miniflare, with its WebAssembly as separate modules. `name` is the path
 * of the worker, absolute or relative to this folder.
 */
export const bundleWorker = async (name) => {
  const { outputFiles } = await build({
    entryPoints: [resolve(fileURLToPath(new URL('.', import.meta.url)), name)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    loader: { '.wasm': 'copy' },
    write: false,
    outdir: '/',
    logLevel: 'error',
  });
  return outputFiles
    .map(({ path, contents, text }) =>
      path.endsWith('.wasm')
        ? { type: 'CompiledWasm', path, contents }
        : { type: 'ESModule', path, contents: text },
    )
    .sort((a, b) => b.type.localeCompare(a.type)); // Miniflare runs the first module.
};

/**
 * Bundles a worker as a script, and starts it in Vercel's edge runtime. The script puts its exports
 * into the global `worker`. The WebAssembly modules become globals that this function compiles, so
 * they belong to another realm than the script. `globals` holds further globals of the platform.
 */
export const startEdgeRuntime = async (path, globals) => {
  const modules = {};
  const wasmAsGlobals = {
    name: 'wasm modules as globals',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path: file, resolveDir }) => ({
        path: join(resolveDir, file.split('?')[0]),
        namespace: 'wasm',
      }));
      onLoad({ filter: /./, namespace: 'wasm' }, async ({ path: file }) => {
        const name = `wasm_${basename(file, '.wasm')}`;
        modules[name] = await WebAssembly.compile(await readFile(file));
        return { contents: `export default ${name};` };
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    format: 'iife',
    globalName: 'worker',
    target: 'es2022',
    conditions: ['edge-light', 'worker', 'browser'],
    plugins: [wasmAsGlobals],
    write: false,
    logLevel: 'error',
  });
  const serve =
    'addEventListener("fetch", (event) => ' +
    'event.respondWith((worker.default.fetch ?? worker.default)(event.request)));';
  return new EdgeRuntime({
    extend: (context) => Object.assign(context, modules, globals),
    initialCode: `${outputFiles[0].text}\n${serve}`,
  });
};
