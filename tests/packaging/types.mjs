// Checks that the published declarations compile with each type library alone, with the oldest and
// the newest supported compiler, and that they declare exactly the exports of each entry.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript-5.0';
import { equal, match, ok } from '../conformance/harness.mjs';
import { mustRun, root } from './project.mjs';

// Without --ignoreConfig, the newest compiler rejects file arguments if there is a tsconfig.json.
const compilers = {
  '5.0': ['typescript-5.0/bin/tsc'],
  newest: ['typescript/bin/tsc', '--ignoreConfig'],
};
// The type root is a folder that does not exist, so that the compiler ignores the types in
// node_modules. An empty `--types` would do the same, but the oldest compiler does not accept it.
const withoutTypes = ['--typeRoots', 'tests/packaging/none'];
const libraries = {
  dom: ['--lib', 'es2022,dom', ...withoutTypes],
  webworker: ['--lib', 'es2022,webworker', ...withoutTypes],
  '@types/node': ['--lib', 'es2022', '--types', 'node'],
};
// Each compiler gets a version of @types/node that it can compile. The compilers check @types/node
// too, because skipLibCheck is off.
const typesOfNode = { '5.0': 'node_modules/@types', newest: 'node_modules/@types-newest' };
const moduleOptions = {
  nodenext: ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
};
const compilerOptions = [
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

/** Returns the names of the values that a declaration file exports. */
const listDeclaredNames = (file) => {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
  });
  const checker = program.getTypeChecker();
  const resolveAlias = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const isTypeOnly = (symbol) =>
    symbol.declarations?.some((declaration) => ts.isTypeOnlyImportOrExportDeclaration(declaration));
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)))
    .filter((symbol) => !isTypeOnly(symbol) && resolveAlias(symbol).flags & ts.SymbolFlags.Value)
    .map(({ name }) => name)
    .sort();
};

/** Returns the names that a file exports, without running it. */
const listExportedNames = async (file) => {
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

export const defineTypeTests = ({ test }) => {
  for (const [compiler, [bin, ...ownOptions]] of Object.entries(compilers)) {
    for (const [library, lib] of Object.entries(libraries)) {
      for (const [resolution, resolve] of Object.entries(moduleOptions)) {
        test(`the types compile with ${library} alone, TypeScript ${compiler}, ${resolution}`, () =>
          mustRun(process.execPath, [
            join(root, 'node_modules', bin),
            ...ownOptions,
            ...compilerOptions,
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
  test('the compiler rejects a file with a type error', async () => {
    const output = await mustRun(process.execPath, [
      join(root, 'node_modules', ...compilers['5.0']),
      ...compilerOptions,
      ...libraries.dom,
      ...moduleOptions.nodenext,
      'tests/packaging/mistake.ts',
    ]).then(
      () => 'no error',
      ({ message }) => message,
    );
    match(output, /mistake\.ts.*"mars"/, 'output of the compiler');
  });
  for (const entry of entries) {
    const { types: declaration, ...runtimes } = manifest.exports[entry];
    const names = listDeclaredNames(join(installed, declaration));
    test(`${entry} declares SocialPlusError, version and at least three more values`, () =>
      ok(
        names.includes('SocialPlusError') && names.includes('version') && names.length >= 5,
        `declares only ${names.join()}`,
      ));
    test(`${entry} exports in Node exactly what its types declare`, async () =>
      equal(
        Object.keys(await import(`social-plus-auth${entry.slice(1)}`)).sort(),
        names,
        'exports',
      ));
    for (const [runtime, file] of Object.entries(runtimes)) {
      test(`${entry} exports for ${runtime} exactly what its types declare`, async () =>
        equal(await listExportedNames(join(installed, file)), names, 'exports'));
    }
  }
};
