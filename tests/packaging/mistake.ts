// Must not compile: types.mjs uses it to see that a mistake is noticed.
import { createSession } from 'social-plus-auth';

export const session = createSession(
  { region: 'mars', apiKey: 'ak' },
  { userId: 'ada', deviceId: 'device-1' },
);
