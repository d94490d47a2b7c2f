// Measures the entries as a browser or a worker downloads them: bundled and minified, with the wasm
// as a separate file. Prints a line for each part of each entry: the name of the entry, the name of
// the part, and its size in bytes raw, with gzip and with brotli. The part `lazy` is the JavaScript
// that a page loads on demand.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';

const tests = new URL('../../tests/', import.meta.url);
const entries = [
  { name: 'browser', specifier: 'social-plus-auth', conditions: ['browser'] },
  // wrangler bundles a worker with these conditions.
  {
    name: 'edge',
    specifier: 'social-plus-auth/edge',
    conditions: ['workerd', 'worker', 'browser'],
  },
];

/** @import { Metafile } from 'esbuild' */

const BEST_COMPRESSION = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
};
/** @param {Uint8Array} bytes */
const measure = async (bytes) => {
  const gzipped = await promisify(gzip)(bytes, { level: 9 });
  const brotli = await promisify(brotliCompress)(bytes, BEST_COMPRESSION);
  return [bytes.length, gzipped.length, brotli.length];
};

/**
 * Prints the total sizes of a part, unless the part has no files. Each file is compressed
 * separately, as on a server.
 *
 * @param {string} name
 * @param {string} part
 * @param {Uint8Array[]} files
 */
const print = async (name, part, files) => {
  if (files.length === 0) return;
  const measured = await Promise.all(files.map(measure));
  const sums = measured.reduce((sum, file) => sum.map((bytes, i) => bytes + (file[i] ?? 0)));
  console.log([name, part, ...sums].join('\t'));
};

/**
 * Returns a chunk and all chunks that it imports statically, directly or indirectly.
 *
 * @param {Metafile['outputs']} outputs
 * @param {string} path
 * @returns {Set<string>}
 */
const listStaticChunks = (outputs, path, found = new Set([path])) => {
  for (const { path: chunk, kind } of outputs[path]?.imports ?? [])
    if (kind === 'import-statement' && outputs[chunk] && !found.has(chunk))
      listStaticChunks(outputs, chunk, found.add(chunk));
  return found;
};

for (const { name, specifier, conditions } of entries) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from '${specifier}';`, resolveDir: tests.pathname },
    bundle: true,
    splitting: true,
    outdir: '.',
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions,
    external: ['*.wasm'],
    legalComments: 'none',
    metafile: true,
    write: false,
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint) ?? '';
  const initial = [...listStaticChunks(outputs, entry)].map((path) => resolve(path));
  /** @param {boolean} isInitial */
  const selectFiles = (isInitial) =>
    outputFiles
      .filter(({ path }) => initial.includes(path) === isInitial)
      .map(({ contents }) => contents);
  await print(name, 'javascript', selectFiles(true));
  await print(name, 'lazy', selectFiles(false));
  const wasm = await readFile(new URL(`node_modules/social-plus-auth/wasm/${name}_bg.wasm`, tests));
  await print(name, 'wasm', [new Uint8Array(wasm)]);
}
