// The candidates of the board: this library and its peers, each with its page, its backend and the
// scenarios that do not apply to it.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createAuth0 } from './backends/auth0.mjs';
import { createEmulated } from './backends/emulated.mjs';
import { createSupabase } from './backends/supabase.mjs';

const SERVER_PEER = 'it is a library for pages';
const CANDIDATES = [
  {
    name: 'social-plus-auth',
    page: 'ours',
    isOurs: true,
    hasStoredSession: true,
    createBackend: createEmulated,
    manifest: '../../pkg/package.json',
    exempt: {},
  },
  {
    name: '@amityco/ts-sdk',
    page: 'amity',
    createBackend: createEmulated,
    manifest: '../../node_modules/@amityco/ts-sdk/package.json',
    exempt: {
      9: 'its client has no option for `fetch`',
      10: SERVER_PEER,
      12: 'it has one client per page by design',
      17: 'its tabs do not communicate',
    },
  },
  {
    name: '@supabase/auth-js',
    page: 'supabase',
    hasStoredSession: true,
    createBackend: createSupabase,
    manifest: './node_modules/@supabase/auth-js/package.json',
    exempt: {},
  },
  {
    name: '@auth0/auth0-spa-js',
    page: 'auth0',
    hasStoredSession: true,
    createBackend: createAuth0,
    manifest: './node_modules/@auth0/auth0-spa-js/package.json',
    exempt: {
      9: 'its client has no option for `fetch`',
      10: SERVER_PEER,
      16: 'by design, its logout revokes no refresh token; `revokeRefreshToken` is a separate call',
    },
  },
];

const resolve = (path) => fileURLToPath(new URL(path, import.meta.url));

const bundle = async (contents) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: resolve('./candidates') },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    external: ['social-plus-auth'],
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].text;
};

/** Bundles the page of each candidate as an app would, and reads its version. */
export const bundleCandidates = () =>
  Promise.all(
    CANDIDATES.map(async (candidate) => ({
      ...candidate,
      script: await bundle(`import './${candidate.page}.mjs';`),
      version: JSON.parse(await readFile(resolve(candidate.manifest), 'utf8')).version,
    })),
  );
