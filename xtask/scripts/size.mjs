// Measures the entries as a browser or a worker gets them: bundled and minified, the wasm beside
// it. One line each: name, part, raw, gzip, brotli. What a page loads only when it is wanted is a
// part of its own, `lazily`.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';

const tests = new URL('../../tests/', import.meta.url);
const entries = [
  { name: 'browser', from: 'social-plus-auth', conditions: ['browser'] },
  // The conditions that wrangler bundles a worker with.
  { name: 'edge', from: 'social-plus-auth/edge', conditions: ['workerd', 'worker', 'browser'] },
];

const best = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
};
const measure = async (bytes) => {
  const zipped = await promisify(gzip)(bytes, { level: 9 });
  const brotli = await promisify(brotliCompress)(bytes, best);
  return [bytes.length, zipped.length, brotli.length];
};

/** Every file is compressed by itself, as a server would. */
const print = async (name, part, files) => {
  const measured = await Promise.all(files.map(measure));
  if (files.length > 0)
    console.log(
      [name, part, ...measured.reduce((sum, file) => sum.map((bytes, i) => bytes + file[i]))].join(
        '\t',
      ),
    );
};

/** What `path` brings along as soon as it is loaded, itself included. */
const atFirst = (outputs, path, found = new Set([path])) => {
  const chunks = outputs[path].imports.filter(
    ({ path: chunk, kind }) => kind === 'import-statement' && outputs[chunk] && !found.has(chunk),
  );
  for (const { path: chunk } of chunks) atFirst(outputs, chunk, found.add(chunk));
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
  const first = [
    ...atFirst(
      outputs,
      Object.keys(outputs).find((path) => outputs[path].entryPoint),
    ),
  ].map((path) => resolve(path));
  const javascript = (wanted) =>
    outputFiles
      .filter(({ path }) => first.includes(path) === wanted)
      .map(({ contents }) => contents);
  await print(name, 'javascript', javascript(true));
  await print(name, 'lazily', javascript(false));
  await print(name, 'wasm', [
    await readFile(new URL(`node_modules/social-plus-auth/wasm/${name}_bg.wasm`, tests)),
  ]);
}
