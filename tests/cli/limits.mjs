// Tests that the command line reads only a bounded part of a response or a file.
import { pipeline } from 'node:stream/promises';
import { equal, match, ok } from '../conformance/harness.mjs';
import { expectUsageError, runCli, withEmulator, withServer } from './command.mjs';
import { runDoctor } from './doctor.mjs';

/**
 * The length of a body that only a reader without a limit receives completely. It far exceeds the
 * socket buffers of a connection, because a server can fill them after the client stops reading.
 */
const MAX_SENT_BYTES = 64 << 20;
const CHUNK = Buffer.alloc(1 << 16, ' ');

/**
 * Yields a body until the client stops reading. Sets `sent.isUnlimited` if the client never stops.
 */
const generateBody = async function* (sent) {
  for (let size = 0; size < MAX_SENT_BYTES; size += CHUNK.length) yield CHUNK;
  sent.isUnlimited = true;
};

const sendWithoutEnd = (status, sent) => (incoming, outgoing) => {
  incoming.resume();
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  pipeline(generateBody(sent), outgoing).catch(() => {});
};

export const testLimits = ({ test }) => {
  for (const status of [401, 205]) {
    test(
      `the doctor reads only the start of an app's endless response (${status})`,
      withEmulator({}, async ({ env }) => {
        const sent = {};
        await withServer(sendWithoutEnd(status, sent), async (url) => {
          const report = await runDoctor(['--auth-url', url], env);
          ok(report.find('authRoutes').status !== 'skipped', 'the routes were not checked');
        });
        equal(sent.isUnlimited, undefined, 'whether the doctor read without a limit');
      }),
    );
  }
  for (const status of [200, 205]) {
    test(`the doctor reads only the start of an endless response (${status})`, async () => {
      const sent = {};
      await withServer(sendWithoutEnd(status, sent), async (url) => {
        const report = await runDoctor(['--endpoint', url], {});
        equal(report.find('network').status, 'failed', 'status of the network check');
      });
      equal(sent.isUnlimited, undefined, 'whether the doctor read without a limit');
    });
  }
  test('the doctor waits for an app only for the time that --timeout sets', async () => {
    /** Sends a byte every 50 ms, so that an idle timeout would never expire. */
    const trickle = (incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(401, { 'content-type': 'application/json' });
      const timer = setInterval(() => outgoing.write(' '), 50);
      outgoing.on('close', () => clearInterval(timer));
    };
    await withServer(trickle, async (url) => {
      const args = ['--auth-url', url, '--timeout', '0.5'];
      const { failed, find } = await runDoctor(args, { SOCIAL_PLUS_ENDPOINT: url });
      ok(failed.includes('authRoutes unreachable'), `failed checks: ${failed}`);
      match(find('authRoutes').message, /no response within 0\.5 seconds/, 'message');
    });
  });
  test('refuses a certificate file without an end', async () => {
    const args = ['verify', '--region', 'eu', '--ca', '/dev/zero'];
    expectUsageError(
      await runCli(args, { input: 'a-token' }),
      /^Cannot read the CA file \/dev\/zero \(larger than 1 MiB\)/,
    );
  });
};
