// Imports the packed package for the measurements, as an app would import it.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** @typedef {typeof import('social-plus-auth')} Package */

// `cargo xtask pack` installs the package in tests/node_modules. The name of the importing file in
// tests/ does not matter.
const { resolve } = createRequire(new URL('../../tests/any.js', import.meta.url));

/** @returns {Promise<Package>} */
export const load = () => import(pathToFileURL(resolve('social-plus-auth')).href);
