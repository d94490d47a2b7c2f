// Measures the entries as a browser or a worker gets them: bundled and minified, the wasm beside it. One line each: name, part, raw,
// gzip, brotli.
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';

const tests = new URL('../../tests/', import.meta.url);
const entries = [
  { name: 'browser', from: 'social-plus-auth', conditions: ['browser'] },
  // The conditions that wrangler bundles a worker with.
  { name: 'edge', from: 'social-plus-auth/edge', conditions: ['workerd', 'worker', 'browser'] },
];

const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };
const print = async (name, part, bytes) => {
  const zipped = await promisify(gzip)(bytes, { level: 9 });
  const brotli = await promisify(brotliCompress)(bytes, best);
  console.log([name, part, bytes.length, zipped.length, brotli.length].join('\t'));
};

for (const { name, from, conditions } of entries) {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${from}';`, resolveDir: tests.pathname },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions,
    external: ['*.wasm'],
    legalComments: 'none',
    write: false,
  });
  await print(name, 'javascript', outputFiles[0].contents);
  await print(name, 'wasm', await readFile(new URL(`node_modules/social-plus-auth/wasm/${name}_bg.wasm`, tests)));
}
