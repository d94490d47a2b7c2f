// Bundles the worker, the page's scripts and its styles with esbuild, in memory. Each script is
// bundled with the export conditions of its runtime, so that it imports the package's entry for
// that runtime.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @import { BuildOptions, Plugin } from 'esbuild' */

/** @param {string} path */
const resolvePath = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

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
    entryPoints: [resolvePath(entry)],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/**
 * Returns the worker's modules in the form that miniflare accepts: the script, and each wasm file
 * as a compiled module, because Workers import wasm as compiled modules.
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
 * Returns the bundled script of a page. The script loads the wasm from `../wasm/`, relative to its
 * own address; the site serves the file there.
 *
 * @param {string} entry
 */
export const bundlePage = (entry) => bundle(entry, { platform: 'browser' });

/** Returns the styles of all pages as one text. */
export const bundleStyles = () => bundle('style/index.css', {});

export const readBrowserWasm = () =>
  readBytes(resolvePath('node_modules/social-plus-auth/wasm/browser_bg.wasm'));
