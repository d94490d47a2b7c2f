// Checks that the linear memory of the browser and the edge entry contains no secret after the call
// that used it, because `Secret` wipes its memory. Prints `fine`, or the lengths of the pieces that
// are left.
import { createEmulator } from 'social-plus-auth/emulator';

const memories = [];
const instantiate = WebAssembly.instantiate.bind(WebAssembly);
WebAssembly.instantiate = async (...values) => {
  const result = await instantiate(...values);
  const { memory, llhttp_alloc: isOfNode } = (result.instance ?? result).exports;
  // Node parses HTTP with WebAssembly of its own.
  if (memory && !isOfNode) memories.push(memory);
  return result;
};

const emulator = await createEmulator({ secureMode: true });
// The emulator must keep every secret, so its memory does not count.
const ignored = new Set(memories);
const { createSession, verifySession } = await import('social-plus-auth');
const { createAuthToken, signVisitor } = await import('social-plus-auth/edge');
const FURTHER_CALLS = 20;
const options = {
  endpoint: 'https://emulator.test',
  fetch: emulator.fetch,
  apiKey: emulator.apiKey,
  serverKey: emulator.serverKey,
};

/** Returns the contents of the memory of each entry. */
const readMemories = () =>
  memories
    .filter((memory) => !ignored.has(memory))
    .map(({ buffer }) => Buffer.from(buffer).toString('latin1'));

/** Returns the length of the longest piece of a text that a memory contains. */
const measurePiece = (text) => {
  const memory = readMemories().join('\n');
  let longest = 0;
  for (let start = 0; start + longest < text.length; start += 1)
    while (start + longest < text.length && memory.includes(text.slice(start, start + longest + 1)))
      longest += 1;
  return longest;
};

/** Shorter pieces occur by chance. */
const MAX_PIECE = 8;
/** The code of each entry contains this text. A search that misses it proves nothing. */
const CONTROL = 'authorization';
/** The browser entry and the edge entry. */
const ENTRY_COUNT = 2;

const secrets = {};
const problems = [];
const check = (when) => {
  for (const [name, secret] of Object.entries(secrets)) {
    const length = measurePiece(secret);
    if (length > MAX_PIECE) problems.push(`${when}, ${length} of ${secret.length}: ${name}`);
  }
  if (!readMemories().every((memory) => memory.includes(CONTROL)))
    problems.push(`${when}, the search does not find a text that is there`);
};

const createToken = async (userId) => (await createAuthToken(options, { userId })).token;
secrets['server key'] = emulator.serverKey;
const authToken = await createToken('ada');
secrets['auth token'] = authToken;
check('after createAuthToken');
const session = await createSession(options, { userId: 'ada', deviceId: 'd', authToken });
secrets['access token'] = session.accessToken;
check('after createSession');
await verifySession(options, session.accessToken);
check('after verifySession');
const { visitorSecret } = emulator;
const { authSignature } = await signVisitor({ visitorSecret }, { deviceId: 'd' });
Object.assign(secrets, { 'visitor secret': visitorSecret, 'visitor signature': authSignature });
check('after signVisitor');
for (let n = 0; n < FURTHER_CALLS; n += 1) {
  const userId = `user-${n}`;
  await createSession(options, { userId, deviceId: 'e', authToken: await createToken(userId) });
}
check(`after ${FURTHER_CALLS} calls of other users`);
if (readMemories().length !== ENTRY_COUNT) problems.push('the search does not read both entries');
console.log(problems.join('\n') || 'fine');
