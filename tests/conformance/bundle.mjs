// Bundles a module as a worker would be, its wasm as modules: what miniflare takes.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** `name` is a file in this folder. */
export const workerModules = async (name) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
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
      path.endsWith('.wasm') ? { type: 'CompiledWasm', path, contents } : { type: 'ESModule', path, contents: text },
    )
    .sort((a, b) => b.type.localeCompare(a.type)); // the script first: it is what runs
};
