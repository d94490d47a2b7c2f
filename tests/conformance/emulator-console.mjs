// Tests the emulator's visitors, bots, administration and client certificates on every engine.
import { equal, match, ok, registerSecret, getOutcome, containsSecret } from './harness.mjs';
import { assertRefusal, send, createTestService } from './emulated.mjs';

const testGuests = (test, lib) => {
  for (const [kind, code] of [
    ['visitor', 403999],
    ['bot', 403998],
  ]) {
    test(`a ${kind} may read up to a daily quota and end its session, but not write`, async () => {
      const { service } = await createTestService(lib, { visitorDailyQuota: 2, now: 0 });
      const { body: session } = await send(service, 'POST', `/api/v5/sessions/${kind}`, {
        deviceId: 'd',
      });
      equal(session.userType, kind, 'userType');
      equal(session.users.length, 1, 'users');
      const bearer = registerSecret(session.accessToken);
      const write = await send(service, 'POST', '/api/v4/posts', { bearer });
      equal(write.body.code, code, 'code of a write');
      const read = async () =>
        (await send(service, 'GET', '/api/v3/users/ada', { bearer })).body.code;
      equal(await read(), 400400, 'code of the first read');
      equal(await read(), 400400, 'code of the second read');
      equal(await read(), 400323, 'code of a read beyond the quota');
      service.clock.advance(86_400_000);
      equal(await read(), 400400, 'code of a read on the next day');
      const end = await send(service, 'DELETE', '/api/v4/sessions', { bearer });
      equal(end.status, 200, 'status of ending the session');
    });
    test(`a ${kind} cannot create a session if the option ${kind}s is false`, async () => {
      const { service } = await createTestService(lib, { [`${kind}s`]: false });
      const { status, body } = await send(service, 'POST', `/api/v5/sessions/${kind}`, {
        deviceId: 'd',
      });
      equal(status, 403, 'status');
      equal(body.code, 400300, 'code');
    });
  }
  test('in secure visitor mode, a visitor needs a valid signature for its device', async () => {
    const { service } = await createTestService(lib, { secureVisitorMode: true, now: 1e12 });
    const authSignatureExpiresAt = new Date(1e12 + 1000).toISOString();
    const encoder = new TextEncoder();
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey(
      'raw',
      encoder.encode(registerSecret(service.visitorSecret)),
      hmac,
      false,
      ['sign'],
    );
    const text = `deviceId=d&authSignatureExpiresAt=${authSignatureExpiresAt}`;
    const code = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
    const authSignature = registerSecret(
      [...code].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    );
    const createVisitor = async (changes) =>
      (
        await send(service, 'POST', '/api/v5/sessions/visitor', {
          deviceId: 'd',
          authSignature,
          authSignatureExpiresAt,
          ...changes,
        })
      ).status;
    equal(await createVisitor(), 200, 'a valid signature');
    equal(await createVisitor({ deviceId: 'e' }), 401, 'the signature of another device');
    equal(await createVisitor({ authSignature: undefined }), 401, 'no signature');
    service.clock.advance(1000);
    equal(await createVisitor(), 401, 'an expired signature');
    ok(!containsSecret(JSON.stringify(service.requests)), 'a secret was recorded');
  });
};

const testAdministration = (test, lib) => {
  test('a replaced admin token stays valid for its grace period; a reset restores it', async () => {
    const { service } = await createTestService(lib, { now: 1e12 });
    const old = registerSecret(service.adminToken);
    const { body } = await send(service, 'POST', '/api/v1/admin-token', { bearer: old });
    equal(service.adminToken, body.adminToken, 'service.adminToken after the replacement');
    ok(body.adminToken !== old, 'the new token equals the old token');
    const getNetworkProblem = async (bearer) =>
      (await send(service, 'GET', '/api/v3/networks/me', { bearer: registerSecret(bearer) })).body
        .message;
    equal(await getNetworkProblem(old), undefined, 'the old token in its grace period');
    equal(await getNetworkProblem(service.adminToken), undefined, 'the new token');
    service.clock.advance(24 * 3_600_000);
    equal(await getNetworkProblem(old), 'token expired', 'the old token a day later');
    equal(await getNetworkProblem(service.adminToken), undefined, 'the new token a day later');
    await send(service, 'DELETE', '/admin/v1/token', {
      bearer: service.adminToken,
      username: 'admin',
    });
    equal(await getNetworkProblem(service.adminToken), 'Invalid token', 'the revoked token');
    service.reset();
    equal(service.adminToken, old, 'adminToken after a reset');
    equal(await getNetworkProblem(old), undefined, 'the old token after a reset');
    ok(!containsSecret(JSON.stringify(service.requests)), 'a token was recorded');
  });
  test('a replaced server key stays valid for its grace period', async () => {
    const { service } = await createTestService(lib, { now: 1e12, secureMode: true });
    const old = registerSecret(service.serverKey);
    const { body } = await send(service, 'POST', '/api/v3/networks/server-key', {
      bearer: service.adminToken,
    });
    equal(body.length, 122, 'length of the new key');
    equal(service.serverKey, body, 'service.serverKey after the replacement');
    ok(body !== old, 'the new key equals the old key');
    const mint = async (key) =>
      (
        await send(service, 'POST', '/api/v4/authentication/token', {
          key: registerSecret(key),
          userId: 'ada',
        })
      ).status;
    equal(await mint(old), 200, 'the old key in its grace period');
    equal(await mint(service.serverKey), 200, 'the new key');
    service.clock.advance(3_600_000);
    equal(await mint(old), 401, 'the old key an hour later');
    equal(await mint(service.serverKey), 200, 'the new key an hour later');
    ok(!containsSecret(JSON.stringify(service.requests)), 'a key was recorded');
  });
  test('the options define the console users and their roles', async () => {
    const admins = [
      { username: 'r', role: 'super-admin', token: 'r-1' },
      { username: 'a', role: 'admin', token: undefined },
    ];
    const { service } = await createTestService(lib, { admins });
    const revoke = (bearer, username) =>
      send(service, 'DELETE', '/admin/v1/token', { bearer, username });
    const byAdmin = await revoke(service.adminToken, 'r');
    equal(byAdmin.status, 403, 'status if an admin revokes a super-admin');
    const unknown = await revoke('r-1', 'nobody');
    equal(unknown.body.message, 'username Not Found.', 'message for an unknown user');
    const bySuperAdmin = await revoke('r-1', 'a');
    equal(bySuperAdmin.body, { success: true }, 'body if a super-admin revokes an admin');
  });
};

// A certificate signing request for a P-256 key pair, whose private key was discarded.
const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHRMHoCAQAwGDEWMBQGA1UEAwwNdG9rZW4gc2VydmljZTBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABDfKCG919kPm2+JaTczUv3MsZj+Ua06/wwe+fyC67R95Rm0M
Vqur0Wd4K4HQM1UMfg3H1bPnRG8CltJCEQie3CygADAKBggqhkjOPQQDAgNHADBE
AiB4yX2OicVCUU2dl+E4Ds4iXJeTgU8XG+6cqryY+mW7aQIgcwxlmr6F+0g8LiMJ
q+/62sj2EIkFSo0SFcUI5Wo504s=
-----END CERTIFICATE REQUEST-----`;

const testCertificates = (test, lib) => {
  test('with mTLS, protected calls through fetch fail as if the network were down', async () => {
    const { service } = await createTestService(lib, { secureMode: true, mtls: true });
    for (const [method, path, input] of [
      ['POST', '/api/v4/authentication/token', { key: service.serverKey, userId: 'ada' }],
      ['POST', '/api/v1/admin-token', { bearer: service.adminToken }],
      ['DELETE', '/api/v4/sessions/users/ada', { bearer: service.adminToken }],
    ]) {
      const { error } = await getOutcome(() => send(service, method, path, input));
      ok(error instanceof TypeError, `${path}: rejected with ${error} instead of a TypeError`);
    }
    const statuses = service.requests.map(({ status }) => status);
    equal(statuses, [0, 0, 0], 'recorded statuses');
  });
  test('with mTLS, an unprotected call through fetch succeeds', async () => {
    const { service } = await createTestService(lib, { secureMode: true, mtls: true });
    const visitor = await send(service, 'POST', '/api/v5/sessions/visitor', { deviceId: 'd' });
    equal(visitor.status, 200, 'status');
  });
  test('createCertificate names what is invalid in its argument', async () => {
    const value = registerSecret('certificate-never-print');
    const { service } = await createTestService(lib, { secureMode: true });
    for (const [request, pattern] of [
      [undefined, /object/],
      [value, /object/],
      [{}, /name/],
      [{ name: '', csr: CSR }, /name/],
      [{ name: 'n'.repeat(31), csr: CSR }, /name/],
      [{ name: 'one' }, /csr/],
      [{ name: 'one', csr: value }, /csr/],
      [{ name: 'one', csr: CSR.replace('MIH', 'MIG') }, /csr/],
      [{ name: 'one', csr: CSR, notAfter: value }, /notAfter/],
      [{ name: 'one', csr: CSR, notAfter: new Date(NaN) }, /notAfter/],
      [{ name: 'one', csr: CSR, days: 1 }, /days/],
    ])
      await assertRefusal(lib, () => service.createCertificate(request), 'invalidRequest', pattern);
  });
  test('at most two certificates can be created until a reset', async () => {
    const { service } = await createTestService(lib, { secureMode: true, seed: 1, now: 1e12 });
    const request = { name: 'one', csr: CSR, notAfter: new Date(2e12) };
    const certificate = await service.createCertificate(request);
    match(
      certificate,
      /^-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n$/,
      'PEM',
    );
    await service.createCertificate({ name: 'n'.repeat(30), csr: `\n${CSR}\n` });
    await assertRefusal(
      lib,
      () => service.createCertificate({ name: 'three', csr: CSR }),
      'invalidRequest',
      /2 certificates/,
    );
    service.reset();
    const repeated = await service.createCertificate(request);
    equal(repeated, certificate, 'certificate of the same seed');
  });
  test('a certificate can be created only in secure mode', async () => {
    const { service } = await createTestService(lib);
    await assertRefusal(
      lib,
      () => service.createCertificate({ name: 'two', csr: CSR }),
      'invalidRequest',
      /Secure mode/,
    );
  });
};

export default ({ test, lib }) => {
  testGuests(test, lib);
  testAdministration(test, lib);
  testCertificates(test, lib);
};
