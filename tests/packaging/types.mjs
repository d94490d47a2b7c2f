// The shipped declarations: they compile under each library alone, in the oldest and the newest
// compiler, and say exactly what each entry exports.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript-5.0';
import { equal, ok } from '../conformance/harness.mjs';
import { mustRun, root } from './project.mjs';

const compilers = { '5.0': 'typescript-5.0/bin/tsc', newest: 'typescript/bin/tsc' };
// Types roots that are not there keep out what lies about in node_modules: an empty `types` cannot
// be said on the oldest compiler's command line.
const alone = ['--typeRoots', 'tests/packaging/none'];
const libraries = {
  dom: ['--lib', 'es2022,dom', ...alone],
  webworker: ['--lib', 'es2022,webworker', ...alone],
  '@types/node': ['--lib', 'es2022', '--types', 'node'],
};
// Each compiler with a @types/node of its time: with skipLibCheck off they must fit one another
// too.
const typesOfNode = { '5.0': 'node_modules/@types', newest: 'node_modules/@types-newest' };
const resolutions = {
  nodenext: ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
};
const strict = [
  '--noEmit',
  '--strict',
  '--target',
  'es2022',
  '--exactOptionalPropertyTypes',
  '--noUncheckedIndexedAccess',
  '--verbatimModuleSyntax',
  '--skipLibCheck',
  'false',
  '--pretty',
  'false',
];

const installed = join(root, 'tests/node_modules/social-plus-auth');
const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
const entries = ['.', './edge', './emulator'];

/** The names of the values that a declaration file promises. */
const declared = (file) => {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
  });
  const checker = program.getTypeChecker();
  const real = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const typeOnly = (symbol) =>
    symbol.declarations?.some((declaration) => ts.isTypeOnlyImportOrExportDeclaration(declaration));
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)))
    .filter((symbol) => !typeOnly(symbol) && real(symbol).flags & ts.SymbolFlags.Value)
    .map(({ name }) => name)
    .sort();
};

/** The names that a file exports, without running it. */
const exported = async (file) => {
  const { metafile } = await build({
    entryPoints: [file],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    outdir: '/',
    platform: 'neutral',
    external: ['node:*'],
    loader: { '.wasm': 'empty' },
    logLevel: 'error',
    plugins: [
      {
        name: 'wasm',
        setup: ({ onResolve }) =>
          onResolve({ filter: /\.wasm(\?module)?$/ }, () => ({ path: 'wasm', external: true })),
      },
    ],
  });
  return Object.values(metafile.outputs)[0].exports.sort();
};

export const types = ({ test }) => {
  for (const [compiler, bin] of Object.entries(compilers)) {
    for (const [library, lib] of Object.entries(libraries)) {
      for (const [resolution, resolve] of Object.entries(resolutions)) {
        test(`types compile under ${library} alone, TypeScript ${compiler}, ${resolution}`, () =>
          mustRun(process.execPath, [
            join(root, 'node_modules', bin),
            ...strict,
            ...lib,
            ...(lib.includes('node') ? ['--typeRoots', typesOfNode[compiler]] : []),
            ...resolve,
            'tests/packaging/usage.ts',
            'tests/packaging/usage-edge.ts',
            'tests/packaging/usage-session.ts',
          ]));
      }
    }
  }
  test('the usage file is checked at all: with a mistake in it, it does not compile', async () => {
    const { status } = await mustRun(process.execPath, [
      join(root, 'node_modules', compilers['5.0']),
      ...strict,
      ...libraries.dom,
      ...resolutions.nodenext,
      'tests/packaging/mistake.ts',
    ]).then(
      () => ({ status: 0 }),
      () => ({ status: 1 }),
    );
    equal(status, 1, 'exit code');
  });
  for (const entry of entries) {
    const { types: declaration, ...runtimes } = manifest.exports[entry];
    const promised = declared(join(installed, declaration));
    test(`${entry} promises something`, () =>
      ok(
        promised.includes('SocialPlusError') &&
          promised.includes('version') &&
          promised.length >= 5,
        promised.join(),
      ));
    test(`${entry} exports in Node what its types declare, no more, no less`, async () =>
      equal(
        Object.keys(await import(`social-plus-auth${entry.slice(1)}`)).sort(),
        promised,
        'exports',
      ));
    for (const [runtime, file] of Object.entries(runtimes)) {
      test(`${entry} exports for ${runtime} what its types declare, no more, no less`, async () =>
        equal(await exported(join(installed, file)), promised, 'exports'));
    }
  }
};
