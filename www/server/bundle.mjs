// Bundles the worker, the page's scripts and its styles with esbuild, in memory. Each script is
// bundled with the conditions by which its runtime picks its entry of the package.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @import { BuildOptions, Plugin } from 'esbuild' */

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** @param {string} path */
const readBytes = async (path) => new Uint8Array(await readFile(path));

/**
 * @param {string} entry
 * @param {BuildOptions} options
 */
async function bundle(entry, options) {
  const { outputFiles } = await build({
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    ...options,
    entryPoints: [here(entry)],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/**
 * Returns the worker as miniflare takes it: its script, and each wasm file as a compiled module,
 * which is how Workers import wasm.
 */
export async function bundleWorker() {
  /** @type {Map<string, string>} */
  const wasm = new Map();
  /** @type {Plugin} */
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
  const script = await bundle('worker.js', {
    conditions: ['workerd', 'worker', 'browser'],
    plugins: [asModules],
  });
  /** @type {{ type: string, path: string, contents: string | Uint8Array }[]} */
  const modules = [{ type: 'ESModule', path: 'worker.js', contents: script }];
  for (const [path, file] of wasm)
    modules.push({ type: 'CompiledWasm', path, contents: await readBytes(file) });
  return modules;
}

/**
 * Returns a page's script. Its wasm is served as a file under `../wasm/` from the script's address,
 * where the package looks for it.
 *
 * @param {string} entry
 */
export const bundlePage = (entry) => bundle(entry, { platform: 'browser' });

/** Returns the styles of all pages as one text. */
export const bundleStyles = () => bundle('style/index.css', {});

export const readBrowserWasm = () =>
  readBytes(here('node_modules/social-plus-auth/wasm/browser_bg.wasm'));
