import js from '@eslint/js';
import globals from 'globals';

export default [
  {
    // The parser does not know `import.source` yet, which the Deno entries need.
    ignores: ['target/', 'pkg/', '**/node_modules/', 'pkg-template/*/deno.js'],
  },
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 'latest',
      globals: { ...globals.browser, ...globals.node, Bun: 'readonly', Deno: 'readonly' },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      // `const { secret, ...rest } = …` removes a property.
      'no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // `catch {}` is how this project ignores an error, with a comment that says why.
      'no-empty': ['error', { allowEmptyCatch: true }],
      // Patterns contain control characters on purpose, to remove or reject them.
      'no-control-regex': 'off',
    },
  },
  { files: ['tests/tabs/worker.mjs'], languageOptions: { globals: globals.serviceworker } },
  {
    // Numbers that cross the boundary are declared in Rust (src/session/wire.rs) and generated.
    files: ['session-*', 'device', 'transport'].map((name) => `pkg-template/shared/${name}.js`),
    rules: { 'no-magic-numbers': ['error', { ignore: [-1, 0, 1] }] },
  },
];
