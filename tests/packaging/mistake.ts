// Must not compile: types.mjs checks that the compiler reports the invalid region.
import { createSession } from 'social-plus-auth';

export const session = createSession(
  { region: 'mars', apiKey: 'ak' },
  { userId: 'ada', deviceId: 'device-1' },
);
