// The cases of the wire contract: what each call sends, to the letter, and what it makes of each
// answer.
import { equal, ok } from './harness.mjs';
import { answer, entries, resolves, healthyService, recordingFetch, rejects } from './helpers.mjs';

const invoke = (api, { operation, options, input }, fetch) => {
  const all = { ...options, fetch, retry: false };
  return input.accessToken ? api[operation](all, input.accessToken) : api[operation](all, input);
};

const sends = async (api, vector) => {
  const fetch = recordingFetch(async (url, init) => healthyService(url, init));
  await resolves(() => invoke(api, vector, fetch));
  equal(fetch.calls.length, 1, 'requests');
  const [{ url, init }] = fetch.calls;
  equal(url, vector.request.url, 'address');
  equal(init.method, vector.request.method, 'method');
  equal(Object.fromEntries(new Headers(init.headers)), vector.request.headers, 'headers');
  if (vector.request.body) equal(JSON.parse(init.body), vector.request.body, 'body');
  else ok(init.body === undefined || init.body === null, 'a body was sent');
};

const inputs = {
  createAuthToken: { options: { region: 'eu', serverKey: 'sk-1' }, input: { userId: 'ada' } },
  createSession: {
    options: { region: 'eu', apiKey: 'ak-1' },
    input: { userId: 'ada', deviceId: 'dev-1', authToken: 'auth-1' },
  },
};

const reads = async (api, vector) => {
  const {
    operation,
    response: { body, ...init },
  } = vector;
  const fetch = recordingFetch(async () => answer(body, init));
  const apiVersion = /session, (v\d)/.exec(vector.name)?.[1];
  const { options, input } = inputs[operation];
  const call = () => invoke(api, { operation, options: { ...options, apiVersion }, input }, fetch);
  if (vector.error) {
    const error = await rejects(call, { operation, attempts: 1, ...vector.error });
    for (const field of ['code', 'retryAfterMs']) equal(error[field], vector.error[field], field);
  } else if (vector.token) {
    const made = await resolves(call);
    equal(made.token, vector.token, 'token');
    equal(made.userId, input.userId, 'userId');
    ok(
      made.expiresAt instanceof Date && made.expiresAt > new Date(),
      'expiresAt is no date to come',
    );
  } else {
    const session = await resolves(call);
    const json = JSON.parse(JSON.stringify(session));
    for (const [field, wanted] of Object.entries(vector.session)) equal(json[field], wanted, field);
    const sent = JSON.parse(body);
    equal(json.accessToken, sent.accessToken, 'accessToken');
    equal(json.refreshToken, sent.refreshToken, 'refreshToken');
    equal(json.userType, sent.userType, 'userType');
    equal(json.deviceId, input.deviceId, 'deviceId');
    equal(json.user.shoeSize, sent.users[0].shoeSize, 'a field of the user that nobody knows');
  }
};

export default ({ test, lib, vectors }) => {
  for (const [entry, api] of entries(lib)) {
    for (const vector of vectors.requests) {
      if (typeof api[vector.operation] === 'function')
        test(`${entry} sends: ${vector.name}`, () => sends(api, vector));
    }
    for (const vector of vectors.responses) {
      if (typeof api[vector.operation] === 'function')
        test(`${entry} reads: ${vector.name}`, () => reads(api, vector));
    }
  }
};
