// Tests the session object that a call returns: its dates, the user with defaults, the fields that
// the service sent, and its JSON. Logging a session or an auth token must not reveal a token.
import { equal, ok, containsSecret } from './harness.mjs';
import {
  ACCESS_TOKEN,
  REFRESH_TOKEN,
  USER,
  createResponse,
  listEntries,
  collectLogText,
  listOperations,
  resolves,
  createSessionBody,
} from './helpers.mjs';

const DAY_MS = 86_400_000;
const encodeBase64url = (value) =>
  btoa(typeof value === 'string' ? value : JSON.stringify(value))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
const createJwt = (claims) =>
  `${encodeBase64url({ alg: 'HS256', typ: 'JWT' })}.${encodeBase64url(claims)}.c2ln`;
const undated = { issuedAt: undefined, expiresAt: undefined };

const testDates = (test, entry, createSession) => {
  const getDates = async (changes) => {
    const before = Date.now();
    const { issuedAt, expiresAt } = await createSession(changes);
    const after = Date.now();
    ok(issuedAt instanceof Date, 'issuedAt is not a Date');
    ok(expiresAt instanceof Date, 'expiresAt is not a Date');
    ok(Number.isFinite(issuedAt.getTime()), 'issuedAt is an invalid date');
    ok(Number.isFinite(expiresAt.getTime()), 'expiresAt is an invalid date');
    return { issuedAt: issuedAt.getTime(), expiresAt: expiresAt.getTime(), before, after };
  };
  const assertOneDay = ({ expiresAt, before, after }) =>
    ok(
      expiresAt >= before + DAY_MS && expiresAt <= after + DAY_MS,
      'expiresAt is not one day after the arrival',
    );

  test(`${entry}: dates are read in any time zone and precision`, async () => {
    for (const [text, ms] of [
      ['2026-01-01T00:00:00.000Z', 0],
      ['2026-01-01T07:00:00+07:00', 0],
      ['2026-01-01T00:00:00Z', 0],
      ['2026-01-01T00:00:00.123456Z', 123],
      ['2025-12-31T23:30:00.5-00:30', 500],
    ]) {
      equal((await getDates({ issuedAt: text })).issuedAt, Date.UTC(2026, 0, 1) + ms, text);
    }
  });
  test(`${entry}: the dates of the JWT apply if the response has none`, async () => {
    const { issuedAt, expiresAt } = await getDates({
      ...undated,
      accessToken: createJwt({
        iat: 1_700_000_000,
        exp: 1_700_086_400,
        user: { publicUserId: 'ada' },
      }),
    });
    equal(issuedAt, 1_700_000_000_000, 'issuedAt');
    equal(expiresAt, 1_700_086_400_000, 'expiresAt');
  });
  test(`${entry}: the dates of the response take precedence over those of the JWT`, async () => {
    const { expiresAt } = await getDates({ accessToken: createJwt({ iat: 1, exp: 2 }) });
    equal(expiresAt, Date.UTC(2026, 0, 31), 'expiresAt');
  });
  for (const [what, accessToken] of [
    ['an opaque token', 'opaque'],
    ['a token of two parts', 'a.b'],
    ['invalid base64', 'a.!!.c'],
    ['invalid JSON', `a.${encodeBase64url('nope')}.c`],
    ['null as claims', `a.${encodeBase64url('null')}.c`],
    ['empty claims', createJwt({})],
    ['claims of the wrong type', createJwt({ exp: '1700000000', iat: 'x' })],
    ['an old token with only a data claim', createJwt({ data: {} })],
    ['a claim after the last possible date', createJwt({ exp: 1e300 })],
    ['a claim before the first possible date', createJwt({ exp: -1e300 })],
  ]) {
    test(`${entry}: a session without dates is valid for a day (${what})`, async () =>
      assertOneDay(await getDates({ ...undated, accessToken })));
  }
  test(`${entry}: a JWT payload with non-ASCII characters is read`, async () => {
    const claims = String.fromCharCode(...new TextEncoder().encode('{"n":"é👩","exp":1700000000}'));
    equal(
      (await getDates({ ...undated, accessToken: `e30.${encodeBase64url(claims)}.c` })).expiresAt,
      1_700_000_000_000,
      'expiresAt',
    );
  });
  for (const invalid of ['yesterday', '', 42, {}, null, '2026-13-45T99:99:99Z']) {
    test(`${entry}: dates that are ${JSON.stringify(invalid)} count as missing`, async () =>
      assertOneDay(
        await getDates({ issuedAt: invalid, expiresAt: invalid, accessToken: 'opaque' }),
      ));
  }
};

const testUsers = (test, entry, createSession) => {
  const defaults = {
    roles: [],
    permissions: [],
    metadata: {},
    isGlobalBan: false,
    isDeleted: false,
  };
  const pickDefaulted = ({ roles, permissions, metadata, isGlobalBan, isDeleted }) => ({
    roles,
    permissions,
    metadata,
    isGlobalBan,
    isDeleted,
  });
  test(`${entry}: missing fields of a user have defaults`, async () => {
    const session = await createSession({ users: [{ userId: 'ada' }] });
    equal(session.user.userId, 'ada', 'userId');
    equal(pickDefaulted(session.user), defaults, 'user');
    equal(pickDefaulted(session.users[0]), defaults, 'first of users');
  });
  test(`${entry}: fields of a user that are null have defaults`, async () => {
    const session = await createSession({
      users: [
        {
          userId: 'ada',
          roles: null,
          permissions: null,
          metadata: null,
          isGlobalBan: null,
          isDeleted: null,
        },
      ],
    });
    equal(pickDefaulted(session.user), defaults, 'user');
  });
  test(`${entry}: all fields of a user are kept, even unknown ones`, async () => {
    const user = {
      ...USER,
      roles: ['global-admin'],
      permissions: ['p'],
      metadata: { a: [1, { b: null }] },
      hashFlag: { bits: 1, hashes: 2, hash: [3] },
      isBrand: true,
      novelty: { deep: [{}] },
      avatarFileId: null,
      flagCount: 0,
    };
    const session = await createSession({ users: [user] });
    equal(session.user, user, 'user');
    ok('avatarFileId' in session.user, 'a field that is null was dropped');
  });
  test(`${entry}: the requested user is found at any position in the response`, async () => {
    const session = await createSession({
      users: [{ userId: 'eve' }, { userId: 'adam' }, { ...USER, displayName: 'the one' }],
    });
    equal(session.user.displayName, 'the one', 'displayName');
    equal(session.userId, 'ada', 'userId');
    equal(
      session.users.map(({ userId }) => userId),
      ['eve', 'adam', 'ada'],
      'users',
    );
  });
  test(`${entry}: a ban of another user in the response has no effect`, async () => {
    equal(
      (
        await createSession({
          users: [{ userId: 'eve', isGlobalBan: true, isDeleted: true }, USER],
        })
      ).userId,
      'ada',
      'userId',
    );
  });
  test(`${entry}: files are kept, and default to an empty list`, async () => {
    equal(
      (await createSession({ files: [{ fileId: 'f', attributes: { a: 1 } }] })).files,
      [{ fileId: 'f', attributes: { a: 1 } }],
      'files',
    );
    for (const files of [undefined, null])
      equal((await createSession({ files })).files, [], 'files');
  });
};

const testRepresentations = (test, entry, createSession, engine) => {
  const full = { refreshToken: REFRESH_TOKEN, userType: 'signed-in', files: [{ fileId: 'f' }] };
  test(`${entry}: a session has its tokens, ids, userType and toJSON`, async () => {
    const session = await createSession(full);
    equal(session.accessToken, ACCESS_TOKEN, 'accessToken');
    equal(session.refreshToken, REFRESH_TOKEN, 'refreshToken');
    equal(session.userId, 'ada', 'userId');
    equal(session.deviceId, 'dev-1', 'deviceId');
    equal(session.userType, 'signed-in', 'userType');
    equal(typeof session.toJSON, 'function', 'type of toJSON');
    equal(
      (await createSession({})).refreshToken,
      undefined,
      'refreshToken of a response without one',
    );
  });
  test(`${entry}: the JSON of a session holds the tokens, and dates as ISO 8601`, async () => {
    const session = await createSession(full);
    const json = JSON.parse(JSON.stringify(session));
    equal(
      json,
      {
        accessToken: ACCESS_TOKEN,
        refreshToken: REFRESH_TOKEN,
        issuedAt: '2026-01-01T00:00:00.000Z',
        expiresAt: '2026-01-31T00:00:00.000Z',
        userId: 'ada',
        deviceId: 'dev-1',
        user: USER,
        users: [USER],
        files: [{ fileId: 'f' }],
        userType: 'signed-in',
      },
      'JSON',
    );
    const direct = session.toJSON();
    equal(typeof direct.issuedAt, 'string', 'type of issuedAt from toJSON');
    equal(typeof direct.expiresAt, 'string', 'type of expiresAt from toJSON');
    ok(!('toJSON' in direct), 'the result of toJSON has a toJSON method');
    ok(
      !('refreshToken' in JSON.parse(JSON.stringify(await createSession({})))),
      'the JSON has a refresh token that the service did not send',
    );
  });
  test(`${entry}: logging or inspecting a session does not reveal its tokens`, async () => {
    const session = await createSession(full);
    for (const value of [session, { session }, [session]])
      ok(!containsSecret(collectLogText(value, 6)), 'the log contains a token');
    for (const value of [session, { a: { session } }, [session]])
      ok(!containsSecret(engine.inspect?.(value) ?? ''), 'the inspector shows a token');
    ok(!containsSecret(`${session}`), 'the session as a string contains a token');
    ok(!containsSecret(Object.entries(session).join()), 'the entries contain a token');
    ok(!containsSecret(Object.keys(session).join()), 'the keys contain a token');
  });
};

const testAuthTokens = (test, edge, engine) => {
  const createAuthToken = () =>
    resolves(() =>
      listOperations(edge)
        .find(({ operation }) => operation === 'createAuthToken')
        .call({ fetch: async () => createResponse(`"${ACCESS_TOKEN}"`) }),
    );
  test('edge: an auth token expires ten minutes after the request', async () => {
    const before = Date.now();
    const { token, userId, expiresAt } = await createAuthToken();
    equal(token, ACCESS_TOKEN, 'token');
    equal(userId, 'ada', 'userId');
    ok(expiresAt instanceof Date, 'expiresAt is not a Date');
    ok(
      expiresAt.getTime() >= before + 600_000 && expiresAt.getTime() <= Date.now() + 600_000,
      `expires at ${expiresAt}`,
    );
  });
  test('edge: an auth token can be serialised but is hidden in logs', async () => {
    const minted = await createAuthToken();
    const { token, userId, expiresAt } = JSON.parse(JSON.stringify(minted));
    equal(typeof minted.toJSON().expiresAt, 'string', 'type of expiresAt from toJSON');
    equal(token, ACCESS_TOKEN, 'token');
    equal(userId, 'ada', 'userId');
    equal(new Date(expiresAt).toISOString(), expiresAt, 'expiresAt');
    ok(!containsSecret(collectLogText(minted)), 'the log contains the token');
    ok(!containsSecret(engine.inspect?.(minted) ?? ''), 'the inspector shows the token');
  });
};

export default ({ test, lib, engine }) => {
  for (const [entry, api] of listEntries(lib)) {
    const createSession = (changes = {}) =>
      resolves(() =>
        listOperations(api)[0].call({
          fetch: async () => createResponse(createSessionBody(changes)),
        }),
      );
    testDates(test, entry, createSession);
    testUsers(test, entry, createSession);
    testRepresentations(test, entry, createSession, engine);
  }
  if (lib.edge) testAuthTokens(test, lib.edge, engine);
};
