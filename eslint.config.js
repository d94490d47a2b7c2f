import js from '@eslint/js';
import globals from 'globals';

export default [
  {
    // The Deno entries use `import.source`, which the parser does not support yet.
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
      // Allow `const { secret, ...rest } = …`, which copies an object without one property.
      'no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // This project ignores an error with `catch {}` and a comment that says why.
      'no-empty': ['error', { allowEmptyCatch: true }],
      // Some patterns contain control characters in order to remove or reject them.
      'no-control-regex': 'off',
    },
  },
  { files: ['tests/tabs/worker.mjs'], languageOptions: { globals: globals.serviceworker } },
  {
    // Numbers that cross the boundary are declared in Rust (src/*/wire.rs) and generated.
    files: ['session-*', 'device', 'transport'].map((name) => `pkg-template/shared/${name}.js`),
    rules: { 'no-magic-numbers': ['error', { ignore: [-1, 0, 1] }] },
  },
];
