// Tests what the demo prints on the terminal, and that it does not use the real service without
// keys and consent. No check sends a request to the real service.
import assert from 'node:assert/strict';
import { check, startDemo } from './harness.mjs';

const keys = {
  SOCIAL_PLUS_API_KEY: 'an-api-key-for-the-test',
  SOCIAL_PLUS_SERVER_KEY: 'a-server-key-for-the-test',
};
const noKeys = { SOCIAL_PLUS_API_KEY: '', SOCIAL_PLUS_SERVER_KEY: '' };

/**
 * Checks that the demo exits with code 1 and prints a matching message, but neither a stack trace
 * nor a key.
 */
async function expectError(args, env, message) {
  const { code, printed } = await startDemo(args, env).ended;
  assert.equal(code, 1, printed);
  assert.match(printed, message);
  assert.doesNotMatch(printed, /\n\s+at |-key-for-the-test/);
}

export async function checkCommandLine(usedAddress) {
  await check('a port in use is reported in one line', () =>
    expectError(
      ['--port', new URL(usedAddress).port],
      {},
      /^Port \d+ of 127\.0\.0\.1 cannot be used[^\n]*\n$/,
    ),
  );
  await check('an unknown option is reported with the usage', () =>
    expectError(['--prot', '1'], {}, /--prot[^]*Usage: cargo xtask demo /),
  );
  await check('an unknown region is reported', () =>
    expectError(['--region', 'mars'], keys, /eu, sg or us/),
  );
  await check('--region requires the keys of the real service', () =>
    expectError(['--region', 'eu'], noKeys, /SOCIAL_PLUS_API_KEY and SOCIAL_PLUS_SERVER_KEY/),
  );
  await check('--region requires --yes if the demo has no terminal to ask on', () =>
    expectError(['--region', 'eu'], keys, /add --yes/),
  );
  await check('with the real service, the demo has no feed and no controls', async () => {
    const demo = startDemo(['--region', 'eu', '--yes'], keys);
    try {
      const address = await demo.address;
      const config = await (await fetch(`${address}demo/config`)).json();
      assert.deepEqual(config, { apiKey: keys.SOCIAL_PLUS_API_KEY, emulator: false, region: 'eu' });
      assert.match(
        (await fetch(address)).headers.get('content-security-policy'),
        /connect-src 'self' https:\/\/apix\.eu\.amity\.co;/,
      );
      for (const path of ['demo/events', 'demo/requests'])
        assert.equal((await fetch(address + path)).status, 404);
      const sameOrigin = { method: 'POST', headers: { origin: new URL(address).origin } };
      for (const path of [
        'demo/fail/service-down',
        'demo/stale-key/auth/token',
        'demo/advance/29-days',
        'demo/responses/lose',
        'demo/ban',
      ])
        assert.equal((await fetch(address + path, sameOrigin)).status, 404);
    } finally {
      demo.stop();
    }
    const { code, printed } = await demo.ended;
    assert.equal(code, 0);
    assert.doesNotMatch(printed, /-key-for-the-test/);
  });
}
