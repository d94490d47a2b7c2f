// Where no port can be opened.
import { SocialPlusError } from './error.js';

export const listen = async () => {
  throw new SocialPlusError({
    kind: 'unsupported',
    operation: 'listen',
    message:
      'No port can be opened here: listen in Node, Deno or Bun, or use emulator.fetch, the whole service as one function.',
  });
};
