// What the emulator has of the vendor's console: visitors and bots, administration, client
// certificates; on every engine.
import { equal, match, ok, secret, settled, spills } from './harness.mjs';
import { asked, refusal, started } from './emulated.mjs';

const guests = (test, lib) => {
  for (const [kind, code] of [
    ['visitor', 403999],
    ['bot', 403998],
  ]) {
    test(`a ${kind} reads as much as the day allows, and no more than that`, async () => {
      const { service } = await started(lib, { visitorDailyQuota: 2, now: 0 });
      const { body: session } = await asked(service, 'POST', `/api/v5/sessions/${kind}`, {
        deviceId: 'd',
      });
      equal([session.userType, session.users.length], [kind, 1], 'session');
      const bearer = secret(session.accessToken);
      equal((await asked(service, 'POST', '/api/v4/posts', { bearer })).body.code, code, 'a write');
      const read = async () =>
        (await asked(service, 'GET', '/api/v3/users/ada', { bearer })).body.code;
      equal([await read(), await read(), await read()], [400400, 400400, 400323], 'reads');
      service.clock.advance(86_400_000);
      equal(await read(), 400400, 'the next day');
      equal(
        (await asked(service, 'DELETE', '/api/v4/sessions', { bearer })).status,
        200,
        'its own session it may end',
      );
    });
    test(`a ${kind} is not let in where the mode is off`, async () => {
      const { service } = await started(lib, { [`${kind}s`]: false });
      const { status, body } = await asked(service, 'POST', `/api/v5/sessions/${kind}`, {
        deviceId: 'd',
      });
      equal([status, body.code], [403, 400300], 'refused');
    });
  }
  test('in secure visitor mode a visitor needs the signature of its device, until its date', async () => {
    const { service } = await started(lib, { secureVisitorMode: true, now: 1e12 });
    const authSignatureExpiresAt = new Date(1e12 + 1000).toISOString();
    const encoder = new TextEncoder();
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey(
      'raw',
      encoder.encode(secret(service.visitorSecret)),
      hmac,
      false,
      ['sign'],
    );
    const text = `deviceId=d&authSignatureExpiresAt=${authSignatureExpiresAt}`;
    const code = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
    const authSignature = secret(
      [...code].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    );
    const enter = async (more) =>
      (
        await asked(service, 'POST', '/api/v5/sessions/visitor', {
          deviceId: 'd',
          authSignature,
          authSignatureExpiresAt,
          ...more,
        })
      ).status;
    const signed = [
      await enter(),
      await enter({ deviceId: 'e' }),
      await enter({ authSignature: undefined }),
    ];
    service.clock.advance(1000);
    equal([...signed, await enter()], [200, 401, 401, 401], 'statuses');
    ok(!spills(JSON.stringify(service.requests)), 'a signature was kept');
  });
};

const administration = (test, lib) => {
  test('a new admin token takes over, its getter too, and the old one has its grace period', async () => {
    const { service } = await started(lib, { now: 1e12 });
    const old = secret(service.adminToken);
    const { body } = await asked(service, 'POST', '/api/v1/admin-token', { bearer: old });
    equal(
      [body.adminToken === service.adminToken, body.adminToken === old],
      [true, false],
      'the getter tells the new one',
    );
    const use = async (bearer) =>
      (await asked(service, 'GET', '/api/v3/networks/me', { bearer: secret(bearer) })).body
        .message ?? 200;
    equal([await use(old), await use(service.adminToken)], [200, 200], 'both');
    service.clock.advance(24 * 3_600_000);
    equal([await use(old), await use(service.adminToken)], ['token expired', 200], 'a day later');
    await asked(service, 'DELETE', '/admin/v1/token', {
      bearer: service.adminToken,
      username: 'admin',
    });
    equal(await use(service.adminToken), 'Invalid token', 'revoked');
    service.reset();
    equal([service.adminToken === old, await use(old)], [true, 200], 'reset');
    ok(!spills(JSON.stringify(service.requests)), 'a token was kept');
  });
  test('a new server key takes over, its getter too, and the old one has its grace period', async () => {
    const { service } = await started(lib, { now: 1e12, secureMode: true });
    const old = secret(service.serverKey);
    const { body } = await asked(service, 'POST', '/api/v3/networks/server-key', {
      bearer: service.adminToken,
    });
    equal(
      [body.length, body === service.serverKey, body === old],
      [122, true, false],
      'the getter tells the new one',
    );
    const mint = async (key) =>
      (
        await asked(service, 'POST', '/api/v4/authentication/token', {
          key: secret(key),
          userId: 'ada',
        })
      ).status;
    equal([await mint(old), await mint(service.serverKey)], [200, 200], 'both');
    service.clock.advance(3_600_000);
    equal([await mint(old), await mint(service.serverKey)], [401, 200], 'an hour later');
    ok(!spills(JSON.stringify(service.requests)), 'a key was kept');
  });
  test('the options name the users of the console', async () => {
    const admins = [
      { username: 'r', role: 'super-admin', token: 'r-1' },
      { username: 'a', role: 'admin', token: undefined },
    ];
    const { service } = await started(lib, { admins });
    const revoked = (bearer, username) =>
      asked(service, 'DELETE', '/admin/v1/token', { bearer, username });
    equal((await revoked(service.adminToken, 'r')).status, 403, 'an admin, another');
    equal((await revoked('r-1', 'nobody')).body.message, 'username Not Found.', 'nobody');
    equal((await revoked('r-1', 'a')).body, { success: true }, 'a super-admin, any');
  });
};

// For a key on P-256 that nobody has any more.
const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHRMHoCAQAwGDEWMBQGA1UEAwwNdG9rZW4gc2VydmljZTBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABDfKCG919kPm2+JaTczUv3MsZj+Ua06/wwe+fyC67R95Rm0M
Vqur0Wd4K4HQM1UMfg3H1bPnRG8CltJCEQie3CygADAKBggqhkjOPQQDAgNHADBE
AiB4yX2OicVCUU2dl+E4Ds4iXJeTgU8XG+6cqryY+mW7aQIgcwxlmr6F+0g8LiMJ
q+/62sj2EIkFSo0SFcUI5Wo504s=
-----END CERTIFICATE REQUEST-----`;

const certificates = (test, lib) => {
  test('fetch has no certificate to show: with mTLS the protected calls fail as a network does, and the others are answered', async () => {
    const { service } = await started(lib, { secureMode: true, mtls: true });
    for (const [method, path, body] of [
      ['POST', '/api/v4/authentication/token', { key: service.serverKey, userId: 'ada' }],
      ['POST', '/api/v1/admin-token', { bearer: service.adminToken }],
      ['DELETE', '/api/v4/sessions/users/ada', { bearer: service.adminToken }],
    ]) {
      const { error } = await settled(() => asked(service, method, path, body));
      ok(error instanceof TypeError, `${path}: ${error}`);
    }
    equal(
      service.requests.map(({ status }) => status),
      [0, 0, 0],
      'unanswered',
    );
    equal(
      (await asked(service, 'POST', '/api/v5/sessions/visitor', { deviceId: 'd' })).status,
      200,
      'a visitor',
    );
  });
  test('a certificate is made by the rules of the console', async () => {
    const value = secret('certificate-never-print');
    const { service } = await started(lib, { secureMode: true, seed: 1, now: 1e12 });
    for (const [request, naming] of [
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
      await refusal(lib, () => service.createCertificate(request), 'invalidRequest', naming);
    const certificate = await service.createCertificate({
      name: 'one',
      csr: CSR,
      notAfter: new Date(2e12),
    });
    match(
      certificate,
      /^-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n$/,
      'PEM',
    );
    await service.createCertificate({ name: 'n'.repeat(30), csr: `\n${CSR}\n` });
    await refusal(
      lib,
      () => service.createCertificate({ name: 'three', csr: CSR }),
      'invalidRequest',
      /2 certificates/,
    );
    service.reset();
    const again = await service.createCertificate({
      name: 'again',
      csr: CSR,
      notAfter: new Date(2e12),
    });
    equal(again, certificate, 'with a seed it comes again');
    service.setSecureMode(false);
    await refusal(
      lib,
      () => service.createCertificate({ name: 'two', csr: CSR }),
      'invalidRequest',
      /Secure mode/,
    );
  });
};

export default ({ test, lib }) => {
  guests(test, lib);
  administration(test, lib);
  certificates(test, lib);
};
