// Loads the packed package for the measurements, as an app would import it.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** @typedef {typeof import('social-plus-auth')} Package */

// `cargo xtask pack` installs the package below tests/.
const { resolve } = createRequire(new URL('../../tests/any.js', import.meta.url));

/** @returns {Promise<Package>} */
export const load = () => import(pathToFileURL(resolve('social-plus-auth')).href);
