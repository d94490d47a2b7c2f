// `listen` for runtimes that cannot open a port.
import { fail } from './error.js';

export const listen = async () =>
  fail(
    'unsupported',
    'listen',
    'This runtime cannot open a port. Call `listen` in Node, Deno or Bun, or pass ' +
      '`emulator.fetch`, the whole service as one function.',
  );
