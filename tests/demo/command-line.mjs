// The output of the demo on the terminal, and its protection of the real service. No check sends a
// request to the real service.
import assert from 'node:assert/strict';
import { check, startDemo } from './harness.mjs';

const keys = {
  SOCIAL_PLUS_API_KEY: 'an-api-key-for-the-test',
  SOCIAL_PLUS_SERVER_KEY: 'a-server-key-for-the-test',
};
const noKeys = { SOCIAL_PLUS_API_KEY: '', SOCIAL_PLUS_SERVER_KEY: '' };

/** Checks that the demo ends with an error message that matches, without a stack or a key. */
async function expectError(args, env, message) {
  const { code, printed } = await startDemo(args, env).ended;
  assert.equal(code, 1, printed);
  assert.match(printed, message);
  assert.doesNotMatch(printed, /\n\s+at |-key-for-the-test/);
}

export async function checkCommandLine(running) {
  await check('a port in use is reported in one line', () =>
    expectError(
      ['--port', new URL(running).port],
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
  await check('the real service requires its keys', () =>
    expectError(['--region', 'eu'], noKeys, /SOCIAL_PLUS_API_KEY and SOCIAL_PLUS_SERVER_KEY/),
  );
  await check('the real service requires --yes', () =>
    expectError(['--region', 'eu'], keys, /add --yes/),
  );
  await check('with the real service the demo offers no feed and no failures', async () => {
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
