// Tests the cases of the wire contract in vectors.json. Each call must send exactly the request of
// its case, and each response must give the result of its case.
import { equal, ok } from './harness.mjs';
import {
  createResponse,
  listEntries,
  respondWithSuccess,
  createRecordingFetch,
  rejects,
  resolves,
} from './helpers.mjs';

const invoke = (api, { operation, options, input }, fetch) => {
  const allOptions = { ...options, fetch, retry: false };
  return input.accessToken
    ? api[operation](allOptions, input.accessToken)
    : api[operation](allOptions, input);
};

const assertRequest = async (api, vector) => {
  const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
  await resolves(() => invoke(api, vector, fetch));
  equal(fetch.calls.length, 1, 'requests');
  const [{ url, init }] = fetch.calls;
  equal(url, vector.request.url, 'URL');
  equal(init.method, vector.request.method, 'method');
  equal(Object.fromEntries(new Headers(init.headers)), vector.request.headers, 'headers');
  if (vector.request.body) equal(JSON.parse(init.body), vector.request.body, 'body');
  else ok(init.body === undefined || init.body === null, 'the request has a body');
};

const VALID_ARGUMENTS = {
  createAuthToken: { options: { region: 'eu', serverKey: 'sk-1' }, input: { userId: 'ada' } },
  createSession: {
    options: { region: 'eu', apiKey: 'ak-1' },
    input: { userId: 'ada', deviceId: 'dev-1', authToken: 'auth-1' },
  },
};

const assertResult = async (api, vector) => {
  const {
    operation,
    response: { body, ...init },
  } = vector;
  const fetch = createRecordingFetch(async () => createResponse(body, init));
  const apiVersion = /session, (v\d)/.exec(vector.name)?.[1];
  const { options, input } = VALID_ARGUMENTS[operation];
  const call = () => invoke(api, { operation, options: { ...options, apiVersion }, input }, fetch);
  if (vector.error) {
    const error = await rejects(call, { operation, attempts: 1, ...vector.error });
    for (const field of ['code', 'retryAfterMs']) equal(error[field], vector.error[field], field);
  } else if (vector.token) {
    const result = await resolves(call);
    equal(result.token, vector.token, 'token');
    equal(result.userId, input.userId, 'userId');
    ok(result.expiresAt instanceof Date, 'expiresAt is not a Date');
    ok(result.expiresAt > new Date(), 'expiresAt is in the past');
  } else {
    const session = await resolves(call);
    const json = JSON.parse(JSON.stringify(session));
    for (const [field, expected] of Object.entries(vector.session))
      equal(json[field], expected, field);
    const sent = JSON.parse(body);
    equal(json.accessToken, sent.accessToken, 'accessToken');
    equal(json.refreshToken, sent.refreshToken, 'refreshToken');
    equal(json.userType, sent.userType, 'userType');
    equal(json.deviceId, input.deviceId, 'deviceId');
    equal(json.user.shoeSize, sent.users[0].shoeSize, 'unknown field of the user');
  }
};

export default ({ test, lib, vectors }) => {
  for (const [entry, api] of listEntries(lib)) {
    for (const vector of vectors.requests) {
      if (typeof api[vector.operation] === 'function')
        test(`${entry} sends: ${vector.name}`, () => assertRequest(api, vector));
    }
    for (const vector of vectors.responses) {
      if (typeof api[vector.operation] === 'function')
        test(`${entry} reads: ${vector.name}`, () => assertResult(api, vector));
    }
  }
};
