// The packed package, as an app would import it, for the measurements.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// From tests/, where `cargo xtask pack` installs it.
const { resolve } = createRequire(new URL('../../tests/any.js', import.meta.url));

export const load = () => import(pathToFileURL(resolve('social-plus-auth')));
