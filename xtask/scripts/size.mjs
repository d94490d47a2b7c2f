// Measures the entries as a browser or a worker downloads them: bundled and minified, with the wasm
// as a separate file. Prints a line for each part: name, part, raw, gzip, brotli. The part `lazy`
// is the JavaScript that a page loads on demand.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';

const tests = new URL('../../tests/', import.meta.url);
const entries = [
  { name: 'browser', from: 'social-plus-auth', conditions: ['browser'] },
  // The conditions with which wrangler bundles a worker.
  { name: 'edge', from: 'social-plus-auth/edge', conditions: ['workerd', 'worker', 'browser'] },
];

/** @import { Metafile } from 'esbuild' */

const BEST = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
};
/** @param {Uint8Array} bytes */
const measure = async (bytes) => {
  const zipped = await promisify(gzip)(bytes, { level: 9 });
  const brotli = await promisify(brotliCompress)(bytes, BEST);
  return [bytes.length, zipped.length, brotli.length];
};

/**
 * Prints the sums of a part. Each file is compressed separately, as a server does.
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
 * Returns the chunks that are loaded together with a chunk, including itself.
 *
 * @param {Metafile['outputs']} outputs
 * @param {string} path
 * @returns {Set<string>}
 */
const loadedWith = (outputs, path, found = new Set([path])) => {
  for (const { path: chunk, kind } of outputs[path]?.imports ?? [])
    if (kind === 'import-statement' && outputs[chunk] && !found.has(chunk))
      loadedWith(outputs, chunk, found.add(chunk));
  return found;
};

for (const { name, from, conditions } of entries) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from '${from}';`, resolveDir: tests.pathname },
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
  const initial = [...loadedWith(outputs, entry)].map((path) => resolve(path));
  /** @param {boolean} isInitial */
  const javascript = (isInitial) =>
    outputFiles
      .filter(({ path }) => initial.includes(path) === isInitial)
      .map(({ contents }) => contents);
  await print(name, 'javascript', javascript(true));
  await print(name, 'lazy', javascript(false));
  const wasm = await readFile(new URL(`node_modules/social-plus-auth/wasm/${name}_bg.wasm`, tests));
  await print(name, 'wasm', [new Uint8Array(wasm)]);
}
