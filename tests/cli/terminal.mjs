// Tests that text from a response or from an argument cannot control the terminal.
import { equal, match, ok } from '../conformance/harness.mjs';
import { expectSuccess, runCli, withServer } from './command.mjs';

const DIRECTIONS = '\u202egnp.exe\u2066\u2069\u200f\u061c';
/** Texts that move the cursor, reverse the direction of writing, hide text or forge a line. */
const HOSTILE = [
  '\u001b[2J', // clear the screen
  '\u009b31m', // red text, with the start of the escape as one C1 character
  '\u0007\u0008\u000d', // bell, backspace, carriage return
  'a\nSOCIAL_PLUS_ENDPOINT=https://attacker.invalid', // a second line
  'a\u2028b\u2029c\u0085d', // other line separators
  DIRECTIONS,
  'in\u200bvis\ufeffible\u{e0041}\u00ad', // characters without a width
  '\ud800', // half a character
];

/** Matches what must not reach a terminal, apart from the line breaks of the command itself. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const expectNoControls = (text, what) => {
  for (const line of text.split('\n'))
    ok(!CONTROL.test(line), `${what} contains a control character: ${JSON.stringify(text)}`);
};

/**
 * Answers a call for the information about the server key with `text` as `updatedBy`, and every
 * other call with a network whose name is `text`.
 */
const answerWith = (text) => (incoming, outgoing) => {
  incoming.resume();
  const isServerKey = incoming.url.endsWith('/server-key');
  const answer = isServerKey
    ? { updatedAt: '2024-05-01T00:00:00.000Z', updatedBy: text }
    : { name: text, useSecureAuthentication: true };
  outgoing.setHeader('content-type', 'application/json');
  outgoing.end(JSON.stringify(answer));
};

export const testTerminal = ({ test }) => {
  const text = HOSTILE.join('');
  for (const call of ['get-network', 'get-server-key-info']) {
    test(`admin ${call} escapes the control characters of a response`, () =>
      withServer(answerWith(text), async (url) => {
        const env = { SOCIAL_PLUS_ENDPOINT: url, SOCIAL_PLUS_ADMIN_TOKEN: 'an-admin-token' };
        const printed = expectSuccess(await runCli(['admin', call], { env }));
        expectNoControls(printed, 'text');
        match(printed, /\\u001b\[2J/, 'text');
        match(printed, /\\u000aSOCIAL_PLUS_ENDPOINT=/, 'text');
        const json = expectSuccess(await runCli(['admin', call, '--json'], { env }));
        expectNoControls(json, 'JSON');
        equal(Object.values(JSON.parse(json)).includes(text), true, 'whether JSON has the text');
      }));
  }
  test('a report of doctor contains no control character of an argument', async () =>
    withServer(answerWith(''), async (url) => {
      const args = ['doctor', '--endpoint', url, '--origin', `https://${DIRECTIONS}`];
      args.push('--auth-url', `${url}/auth`);
      const { stdout, stderr } = await runCli(args);
      expectNoControls(stdout + stderr, 'report');
    }));
};
