// Bundles the worker and the page's script with esbuild, each under the conditions by which its
// runtime picks its entry of the package; in memory, nothing is written.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const common = { bundle: true, write: false, format: 'esm', target: 'es2022', logLevel: 'silent' };

/**
 * The worker as miniflare takes it: its script, and beside it each wasm file as the compiled module
 * that Workers make of it.
 */
export async function bundleWorker() {
  const wasm = new Map();
  const asModules = {
    name: 'wasm-as-modules',
    setup(context) {
      context.onResolve({ filter: /\.wasm$/ }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData?.resolved) return undefined;
        const found = await context.resolve(path, {
          resolveDir,
          kind,
          pluginData: { resolved: true },
        });
        if (found.errors.length > 0) return { errors: found.errors };
        wasm.set(basename(found.path), found.path);
        return { path: `./${basename(found.path)}`, external: true };
      });
    },
  };
  const { outputFiles } = await build({
    ...common,
    entryPoints: [here('worker.js')],
    conditions: ['workerd', 'worker', 'browser'],
    plugins: [asModules],
  });
  const modules = [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0].text }];
  for (const [path, file] of wasm)
    modules.push({ type: 'CompiledWasm', path, contents: await readFile(file) });
  return modules;
}

/**
 * A page's script. Its wasm is served as a file, at `../wasm/` from the script's address: where the
 * package looks for it.
 */
export async function bundlePage(entry) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [here(entry)],
    platform: 'browser',
  });
  return outputFiles[0].text;
}

export const browserWasm = () =>
  readFile(here('node_modules/social-plus-auth/wasm/browser_bg.wasm'));
