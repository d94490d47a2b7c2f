import js from '@eslint/js';
import globals from 'globals';

export default [
  {
    // `import.source`, which the Deno entries need, is not yet in the parser's language.
    ignores: ['target/', 'pkg/', '**/node_modules/', 'pkg-template/*/deno.js'],
  },
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 'latest',
      globals: { ...globals.browser, ...globals.node, Bun: 'readonly', Deno: 'readonly' },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
];
