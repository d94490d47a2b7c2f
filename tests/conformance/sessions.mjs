// What a caller gets for a session: dates, the user with its defaults, every field that the service
// sent, and no token where it is only looked at.
import { equal, ok, spills } from './harness.mjs';
import {
  ACCESS_TOKEN,
  REFRESH_TOKEN,
  USER,
  answer,
  entries,
  resolves,
  operations,
  logOutput,
  sessionBody,
} from './helpers.mjs';

const DAY = 86_400_000;
const base64url = (value) =>
  btoa(typeof value === 'string' ? value : JSON.stringify(value))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
const jwt = (claims) => `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}.c2ln`;
const undated = { issuedAt: undefined, expiresAt: undefined };

const dates = (test, entry, made) => {
  const times = async (over) => {
    const before = Date.now();
    const { issuedAt, expiresAt } = await made(over);
    const after = Date.now();
    ok(issuedAt instanceof Date && expiresAt instanceof Date, 'the dates are no Dates');
    ok(
      Number.isFinite(issuedAt.getTime()) && Number.isFinite(expiresAt.getTime()),
      'a date is invalid',
    );
    return { issuedAt: issuedAt.getTime(), expiresAt: expiresAt.getTime(), before, after };
  };
  const oneDay = ({ expiresAt, before, after }) =>
    ok(
      expiresAt >= before + DAY && expiresAt <= after + DAY,
      'expiresAt is not a day from the arrival',
    );

  test(`${entry}: dates of the answer, whatever their zone and precision`, async () => {
    for (const [text, ms] of [
      ['2026-01-01T00:00:00.000Z', 0],
      ['2026-01-01T07:00:00+07:00', 0],
      ['2026-01-01T00:00:00Z', 0],
      ['2026-01-01T00:00:00.123456Z', 123],
      ['2025-12-31T23:30:00.5-00:30', 500],
    ]) {
      equal((await times({ issuedAt: text })).issuedAt, Date.UTC(2026, 0, 1) + ms, text);
    }
  });
  test(`${entry}: dates of the JWT where the answer has none`, async () => {
    const { issuedAt, expiresAt } = await times({
      ...undated,
      accessToken: jwt({ iat: 1_700_000_000, exp: 1_700_086_400, user: { publicUserId: 'ada' } }),
    });
    equal(issuedAt, 1_700_000_000_000, 'dates: issuedAt');
    equal(expiresAt, 1_700_086_400_000, 'dates: expiresAt');
  });
  test(`${entry}: dates of the answer before those of the JWT`, async () => {
    const { expiresAt } = await times({ accessToken: jwt({ iat: 1, exp: 2 }) });
    equal(expiresAt, Date.UTC(2026, 0, 31), 'expiresAt');
  });
  for (const [what, accessToken] of [
    ['no JWT', 'opaque'],
    ['two parts', 'a.b'],
    ['claims that are no base64', 'a.!!.c'],
    ['claims that are no JSON', `a.${base64url('nope')}.c`],
    ['claims that are null', `a.${base64url('null')}.c`],
    ['no claims', jwt({})],
    ['claims of a wrong type', jwt({ exp: '1700000000', iat: 'x' })],
    ['an old one with only data', jwt({ data: {} })],
    ['a claim beyond all dates', jwt({ exp: 1e300 })],
    ['a claim before all dates', jwt({ exp: -1e300 })],
  ]) {
    test(`${entry}: one day from its arrival where nothing tells (${what})`, async () =>
      oneDay(await times({ ...undated, accessToken })));
  }
  test(`${entry}: a JWT's payload beyond ASCII is read`, async () => {
    const claims = String.fromCharCode(...new TextEncoder().encode('{"n":"é👩","exp":1700000000}'));
    equal(
      (await times({ ...undated, accessToken: `e30.${base64url(claims)}.c` })).expiresAt,
      1_700_000_000_000,
      'expiresAt',
    );
  });
  for (const bad of ['yesterday', '', 42, {}, null, '2026-13-45T99:99:99Z']) {
    test(`${entry}: dates that are ${JSON.stringify(bad)} count as missing`, async () =>
      oneDay(await times({ issuedAt: bad, expiresAt: bad, accessToken: 'opaque' })));
  }
};

const users = (test, entry, made) => {
  const defaults = {
    roles: [],
    permissions: [],
    metadata: {},
    isGlobalBan: false,
    isDeleted: false,
  };
  const five = ({ roles, permissions, metadata, isGlobalBan, isDeleted }) => ({
    roles,
    permissions,
    metadata,
    isGlobalBan,
    isDeleted,
  });
  test(`${entry}: a user of which little is told has the defaults`, async () => {
    const session = await made({ users: [{ userId: 'ada' }] });
    equal(session.user.userId, 'ada', 'user, users: userId');
    equal(five(session.user), defaults, 'user, users: five');
    equal(five(session.users[0]), defaults, 'user, users: five');
  });
  test(`${entry}: what a user has as null has the default`, async () => {
    const session = await made({
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
    equal(five(session.user), defaults, 'user');
  });
  test(`${entry}: what the service says of a user is kept, known or not`, async () => {
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
    const session = await made({ users: [user] });
    equal(session.user, user, 'user');
    equal(Object.keys(session.user).includes('avatarFileId'), true, 'a field that is null is kept');
  });
  test(`${entry}: the user that was asked for, wherever it stands`, async () => {
    const session = await made({
      users: [{ userId: 'eve' }, { userId: 'adam' }, { ...USER, displayName: 'the one' }],
    });
    equal(session.user.displayName, 'the one', 'user, users: displayName');
    equal(session.userId, 'ada', 'user, users: userId');
    equal(
      session.users.map(({ userId }) => userId),
      ['eve', 'adam', 'ada'],
      'user, users: users',
    );
  });
  test(`${entry}: another user in the answer may be banned`, async () => {
    equal(
      (await made({ users: [{ userId: 'eve', isGlobalBan: true, isDeleted: true }, USER] })).userId,
      'ada',
      'userId',
    );
  });
  test(`${entry}: files are kept, and are none where none came`, async () => {
    equal(
      (await made({ files: [{ fileId: 'f', attributes: { a: 1 } }] })).files,
      [{ fileId: 'f', attributes: { a: 1 } }],
      'files',
    );
    for (const files of [undefined, null]) equal((await made({ files })).files, [], 'files');
  });
};

const looks = (test, entry, made, engine) => {
  const full = { refreshToken: REFRESH_TOKEN, userType: 'signed-in', files: [{ fileId: 'f' }] };
  test(`${entry}: a session has what its type says`, async () => {
    const session = await made(full);
    equal(session.accessToken, ACCESS_TOKEN, 'tokens: accessToken');
    equal(session.refreshToken, REFRESH_TOKEN, 'tokens: refreshToken');
    equal(session.userId, 'ada', 'fields: userId');
    equal(session.deviceId, 'dev-1', 'fields: deviceId');
    equal(session.userType, 'signed-in', 'fields: userType');
    equal(typeof session.toJSON, 'function', 'fields: typeof session.toJSON');
    equal((await made({})).refreshToken, undefined, 'no refresh token in v5');
  });
  test(`${entry}: JSON of a session has the tokens, and dates as ISO 8601`, async () => {
    const session = await made(full);
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
    equal(
      typeof direct.issuedAt,
      'string',
      'toJSON gives a SessionJson itself: typeof direct.issuedAt',
    );
    equal(
      typeof direct.expiresAt,
      'string',
      'toJSON gives a SessionJson itself: typeof direct.expiresAt',
    );
    equal('toJSON' in direct, false, "toJSON gives a SessionJson itself: 'toJSON' in direct");
    equal(
      Object.keys(JSON.parse(JSON.stringify(await made({})))).includes('refreshToken'),
      false,
      'a refresh token that did not come is not in the JSON',
    );
  });
  test(`${entry}: a session that is logged or inspected shows no token`, async () => {
    const session = await made(full);
    for (const value of [session, { session }, [session]])
      ok(!spills(logOutput(value, 6)), 'a token shows');
    for (const value of [session, { a: { session } }, [session]])
      ok(!spills(engine.inspect?.(value) ?? ''), 'a token shows to the inspector');
    ok(
      !spills(`${session}`) &&
        !spills(Object.entries(session).join()) &&
        !spills(Object.keys(session).join()),
      'a token shows in a text',
    );
  });
};

const authTokens = (test, edge, engine) => {
  const made = () =>
    resolves(() =>
      operations(edge)
        .find(({ operation }) => operation === 'createAuthToken')
        .call({ fetch: async () => answer(`"${ACCESS_TOKEN}"`) }),
    );
  test('edge: an auth token is good for ten minutes from the asking', async () => {
    const before = Date.now();
    const { token, userId, expiresAt } = await made();
    equal(token, ACCESS_TOKEN, 'fields: token');
    equal(userId, 'ada', 'fields: userId');
    equal(expiresAt instanceof Date, true, 'fields: expiresAt instanceof Date');
    ok(
      expiresAt.getTime() >= before + 600_000 && expiresAt.getTime() <= Date.now() + 600_000,
      'expiresAt',
    );
  });
  test('edge: an auth token survives JSON, and shows none to a log', async () => {
    const minted = await made();
    const { token, userId, expiresAt } = JSON.parse(JSON.stringify(minted));
    equal(typeof minted.toJSON().expiresAt, 'string', 'the date in JSON');
    equal(token, ACCESS_TOKEN, 'JSON: token');
    equal(userId, 'ada', 'JSON: userId');
    equal(new Date(expiresAt).toISOString(), expiresAt, 'JSON: new Date(expiresAt)');
    ok(!spills(logOutput(minted)) && !spills(engine.inspect?.(minted) ?? ''), 'the token shows');
  });
};

export default ({ test, lib, engine }) => {
  for (const [entry, api] of entries(lib)) {
    const made = (over = {}) =>
      resolves(() => operations(api)[0].call({ fetch: async () => answer(sessionBody(over)) }));
    dates(test, entry, made);
    users(test, entry, made);
    looks(test, entry, made, engine);
  }
  if (lib.edge) authTokens(test, lib.edge, engine);
};
