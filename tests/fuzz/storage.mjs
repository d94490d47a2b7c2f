// Gives clients hostile storage and hostile messages from other tabs. The fuzzer takes the records,
// shared numbers and messages that real clients wrote, and changes them or replaces them with junk.
// Each call must settle with a result or a SocialPlusError, the tabs must not answer each other
// endlessly, and a user must be able to sign in after the storage is cleared.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionClient, SocialPlusError } from 'social-plus-auth';
import { createEmulator } from 'social-plus-auth/emulator';
import { CANARY, Chance, createJunk, repeat } from './values.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const DEFAULT_EXECUTIONS = 150;
/** Far more messages than the events of one execution cause. */
const MAX_MESSAGES = 60;

const entries = new Map();
globalThis.localStorage = {
  getItem: (key) => entries.get(key) ?? null,
  setItem: (key, value) => void entries.set(key, String(value)),
  removeItem: (key) => void entries.delete(key),
};

/**
 * The target of the events that a client listens to on `globalThis`. Because of the globals below,
 * the client treats this process as a page.
 */
const page = new EventTarget();
setMaxListeners(0, page);
globalThis.document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
globalThis.addEventListener = page.addEventListener.bind(page);
globalThis.removeEventListener = page.removeEventListener.bind(page);

/** The channels that the clients open, so that the fuzzer can listen and send on them. */
const channelNames = new Set();
const { BroadcastChannel } = globalThis;
globalThis.BroadcastChannel = class extends BroadcastChannel {
  constructor(name) {
    super(name);
    channelNames.add(name);
  }
};

const violations = [];
const report = (what, execution, detail = '') => {
  violations.push(what);
  if (violations.length <= 20)
    console.log(`VIOLATION, FUZZ_SEED=${SEED}, execution ${execution}: ${what} ${detail}`);
};
let current = 0;
let messageCount = 0;
const describe = (error) => String(error?.stack ?? error).slice(0, 400);
process.on('unhandledRejection', (error) =>
  report('leaves a rejection unhandled', current, describe(error)),
);
process.on('uncaughtException', (error) =>
  report('throws outside of a call', current, describe(error)),
);

const NUMBERS = [0, -1, -2, 1, 0.5, 2 ** 31, 2 ** 53, 1e300, -1e300, NaN, Infinity];

/** Returns a copy of a JSON value with one change somewhere in it. */
const change = (chance, value) => {
  if (chance.oneIn(4) || typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && chance.oneIn(2))
      return chance.pick([...NUMBERS, value + 1, value - 1, value * 2, -value, Date.now() + 1e9]);
    try {
      return structuredClone(createJunk(chance));
    } catch {
      return null;
    }
  }
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const keys = Object.keys(copy);
  if (!keys.length) return copy;
  const key = chance.pick(keys);
  if (chance.oneIn(5)) delete copy[key];
  else copy[key] = change(chance, copy[key]);
  return copy;
};

const changeText = (chance, text) => {
  try {
    if (!chance.oneIn(5)) return JSON.stringify(change(chance, JSON.parse(text))) ?? '';
  } catch {
    // The text is not JSON, or `JSON.stringify` rejects the changed value. Change the text instead.
  }
  const at = chance.below(text.length + 1);
  const piece = chance.pick(['', '"', '{', 'null', '\u0000', '9'.repeat(400), CANARY, ',,']);
  return text.slice(0, at) + piece + text.slice(at + chance.below(8));
};

const settle = async (what, execution, promise) => {
  try {
    return await promise;
  } catch (error) {
    if (!SocialPlusError.is(error))
      report(
        `${what} fails with an error that is not a SocialPlusError`,
        execution,
        describe(error),
      );
    return undefined;
  }
};

const createClient = (emulator, namespace, storage) =>
  new SessionClient({
    endpoint: 'https://service.test',
    apiKey: emulator.apiKey,
    fetch: emulator.fetch,
    storage,
    namespace,
    timeoutMs: 30,
    retry: false,
  });

/** Deletes or changes some of the stored texts, and fires a `storage` event for each text. */
const spoilStorage = (chance) => {
  for (const [key, text] of entries) {
    if (chance.oneIn(4)) entries.delete(key);
    else if (!chance.oneIn(3)) entries.set(key, changeText(chance, text));
    const event = Object.assign(new Event('storage'), { key, newValue: entries.get(key) ?? null });
    page.dispatchEvent(event);
  }
};

const execute = async (execution) => {
  current = execution;
  entries.clear();
  channelNames.clear();
  const chance = new Chance(SEED * 1e9 + execution);
  const emulator = await createEmulator({ seed: execution });
  const namespace = `n${execution}`;
  const storage = chance.pick(['local', 'local', 'memory']);
  const first = createClient(emulator, namespace, storage);
  const second = createClient(emulator, namespace, chance.pick(['local', 'memory']));
  await settle('login', execution, first.login({ userId: 'ada' }));
  await settle('resume', execution, second.resume());
  const messages = [];
  const channels = [...channelNames].map((name) => {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => messages.push(data);
    return channel;
  });
  for (let left = 1 + chance.below(4); left > 0; left -= 1) {
    spoilStorage(chance);
    const client = chance.pick([first, second]);
    const name = chance.pick(['accessToken', 'renew', 'resume', 'logout', 'login']);
    const given = name === 'login' ? [{ userId: chance.pick(['ada', 'grace']) }] : [];
    const settled = settle(name, execution, client[name](...given));
    if (messages.length)
      for (const channel of channels)
        channel.postMessage(change(chance, chance.pick(messages)) ?? null);
    const token = await settled;
    if (name === 'accessToken' && token !== undefined && typeof token !== 'string')
      report('accessToken returns a value that is not a string', execution);
    const { state } = client;
    if (!/^[a-zA-Z]+$/.test(state)) report('the state is invalid', execution, String(state));
  }
  messageCount += messages.length;
  const before = messages.length;
  await sleep(5);
  if (messages.length - before > MAX_MESSAGES || before > MAX_MESSAGES)
    report('the tabs answer each other endlessly', execution, `${messages.length}`);
  await Promise.all([first.close(), second.close()]);
  entries.clear();
  const last = createClient(emulator, `${namespace}-last`, storage);
  const user = await settle('the last login', execution, last.login({ userId: 'ada' }));
  if (user?.userId !== 'ada')
    report('a user cannot sign in after the storage is cleared', execution);
  await last.close();
  channels.forEach((channel) => channel.close());
};

const executions = await repeat(DEFAULT_EXECUTIONS, execute);
console.log(`${executions} executions, ${messageCount} messages`);
console.log(`${violations.length ? 0 : 1} passed, ${violations.length} failed`);
process.exit(violations.length ? 1 : 0);
