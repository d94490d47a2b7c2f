// Calls every public function of every entry of the packed package with valid arguments, valid
// arguments with faults, and junk. A call may succeed or fail with a SocialPlusError. It must not
// fail otherwise, show a secret in its error, leave a rejection unhandled, or stay pending.
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { createShapes, EMULATOR_OPTIONS, EMULATOR_SHAPES } from './shapes.mjs';
import { CANARY, Chance, create, createJunk, repeat } from './values.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** The only execution to run, to reproduce a violation. */
const ONLY = process.env.FUZZ_ONLY;
const DEFAULT_EXECUTIONS = 5_000;
const MAX_PENDING = 500;
/** How many executions use one emulator. */
const EXECUTIONS_PER_EMULATOR = 500;
/** Far longer than all timeouts and retries of a call together. */
const MAX_SETTLE_MS = 120_000;

const { SocialPlusError } = browser;
const violations = [];
const counts = {};
const pending = new Map();

const reportViolation = (what, name, execution, detail = '') => {
  violations.push(what);
  if (violations.length <= 20)
    console.log(
      `VIOLATION in ${name}, FUZZ_SEED=${SEED} FUZZ_ONLY=${execution}: ${what} ${detail}`,
    );
};

const describe = (error) => {
  try {
    const { stack, message } = error;
    return [String(error), message, stack, JSON.stringify(error)].join(' ');
  } catch {
    return `a value whose fields cannot be read (${typeof error})`;
  }
};

const checkError = (error, name, execution) => {
  const text = describe(error);
  if (!SocialPlusError.is(error))
    return reportViolation('fails with another error', name, execution, text.slice(0, 400));
  if (text.includes(CANARY)) reportViolation('shows a secret', name, execution, text.slice(0, 400));
  return undefined;
};

/** Calls `run`, counts the call and checks its outcome. Does not wait for a promise. */
const check = (name, execution, run) => {
  counts[name] = (counts[name] ?? 0) + 1;
  let result;
  try {
    result = run();
  } catch (error) {
    checkError(error, name, execution);
    return undefined;
  }
  if (!(result instanceof Promise)) return result;
  const settled = result.then(
    () => pending.delete(settled),
    (error) => {
      pending.delete(settled);
      checkError(error, name, execution);
    },
  );
  pending.set(settled, `${name} ${execution}`);
  return result;
};

process.on('unhandledRejection', (error) =>
  reportViolation('leaves a rejection unhandled', 'an earlier call', '?', describe(error)),
);
process.on('uncaughtException', (error) =>
  reportViolation('throws outside of a call', 'an earlier call', '?', describe(error)),
);

const createArguments = (chance, shapes, faults) => {
  const made = shapes.map((shape) => create(chance, shape, faults));
  if (faults && chance.oneIn(30)) made.pop();
  return made;
};

const callClient = (chance, shapes, faults, execution) => {
  const options = create(chance, shapes.client, faults);
  const client = check('new SessionClient', execution, () => new browser.SessionClient(options));
  if (!client) return;
  for (let left = 1 + chance.below(4); left > 0; left -= 1) {
    const name = chance.pick(Object.keys(shapes.methods));
    const given = createArguments(chance, shapes.methods[name], faults);
    const result = check(`client.${name}`, execution, () => client[name](...given));
    if (name === 'states' && result)
      check('states.next', execution, () => result.next().then(() => result.return?.()));
  }
  check('client.close', execution, () => client.close());
};

const createRequest = (chance) => {
  const origin = chance.pick([undefined, 'https://app.test', 'null', 'https://service.test']);
  const headers = new Headers({ 'content-type': chance.pick(['application/json', 'text/plain']) });
  if (origin) headers.set('origin', origin);
  if (chance.oneIn(2))
    headers.set('sec-fetch-site', chance.pick(['same-origin', 'cross-site', 'x']));
  const route = chance.pick(['token', 'session', 'visitor', 'x', '..', '%2e%2e/token']);
  return new Request(`https://service.test/auth/${route}`, {
    method: chance.pick(['POST', 'POST', 'OPTIONS', 'PUT']),
    headers,
    body: chance.pick([
      undefined,
      '{}',
      '{"deviceId":"d"}',
      '[',
      '{"userId":"eve"}',
      'x'.repeat(2e4),
    ]),
  });
};

const callHandler = (chance, shapes, faults, execution) => {
  const options = create(chance, shapes.handler, faults);
  const handler = check('createAuthHandler', execution, () => edge.createAuthHandler(options));
  if (typeof handler !== 'function') return;
  check('the handler', execution, () => handler(createRequest(chance), createJunk(chance)));
};

const callEmulator = async (chance, emulator, faults, execution) => {
  if (chance.oneIn(20)) {
    const options = create(chance, EMULATOR_OPTIONS, faults);
    check('createEmulator', execution, () => createEmulator(options));
  }
  if (chance.oneIn(100)) {
    const options = create(chance, { port: [0], hostname: ['127.0.0.1', '::1'] }, faults);
    const listening = check('listen', execution, () =>
      listen(chance.oneIn(4) ? createJunk(chance) : emulator, options),
    );
    listening?.then(
      (server) => server.close(),
      () => {},
    );
  }
  const path = chance.pick(Object.keys(EMULATOR_SHAPES));
  const given = createArguments(chance, EMULATOR_SHAPES[path], faults);
  const names = path.split('.');
  const owner = names.length > 1 ? emulator[names[0]] : emulator;
  check(`emulator.${path}`, execution, () => owner[names.at(-1)](...given));
};

let emulator;
let shapes;

const execute = async (execution) => {
  if (execution % EXECUTIONS_PER_EMULATOR === 0 || !emulator) {
    emulator = await createEmulator({ seed: execution });
    shapes = createShapes(emulator);
  }
  const chance = new Chance(SEED * 1e9 + execution);
  // One execution in three has no junk, so that valid calls are common.
  const faults = chance.pick([0, 6, 20]);
  const name = chance.pick([
    ...Object.keys(shapes.calls),
    'client',
    'client',
    'handler',
    'emulator',
  ]);
  if (name === 'client') callClient(chance, shapes, faults, execution);
  else if (name === 'handler') callHandler(chance, shapes, faults, execution);
  else if (name === 'emulator') await callEmulator(chance, emulator, faults, execution);
  else {
    const call = edge[name] ?? browser[name];
    const both = browser[name] && chance.oneIn(2) ? browser[name] : call;
    const given = createArguments(chance, shapes.calls[name], faults);
    check(name, execution, () => both(...given));
    check('SocialPlusError.is', execution, () => SocialPlusError.is(createJunk(chance)));
  }
  if (pending.size > MAX_PENDING) await Promise.race(pending.keys());
};

const checkCoverage = () => {
  const known = ['SocialPlusError', 'version', 'SessionClient', 'createAuthHandler'];
  for (const name of [...Object.keys(browser), ...Object.keys(edge)])
    if (!known.includes(name) && !counts[name]) reportViolation('was never called', name, 0);
};

if (ONLY) await execute(Number(ONLY));
else {
  await repeat(DEFAULT_EXECUTIONS, execute);
  checkCoverage();
}
const timer = setTimeout(() => {
  for (const name of [...pending.values()].slice(0, 5)) reportViolation('stays pending', name, '?');
  process.exit(1);
}, MAX_SETTLE_MS);
await Promise.all(pending.keys());
clearTimeout(timer);
const calls = Object.values(counts).reduce((sum, count) => sum + count, 0);
console.log(JSON.stringify(counts));
console.log(`${calls} calls of ${Object.keys(counts).length} functions`);
console.log(`${violations.length ? 0 : 1} passed, ${violations.length} failed`);
process.exit(violations.length ? 1 : 0);
