// Tests a call with the session, the colour schemes, and the failures that the page can provoke.
import assert from 'node:assert/strict';
import { check } from './harness.mjs';

/**
 * The action of each failure, the kind of its error, and some fields of the error. The page must
 * not show a field whose value is `undefined`.
 */
const FAILURES = [
  {
    action: 'no-auth-token',
    kind: 'secureModeRequired',
    facts: { status: '403', code: '400300', attempts: '1', retryable: 'false' },
  },
  {
    action: 'wrong-server-key',
    kind: 'server',
    facts: { status: '502', operation: undefined, code: undefined },
  },
  {
    action: 'banned-user',
    kind: 'banned',
    facts: { status: '403', code: '400312', attempts: '1', retryable: 'false' },
  },
  {
    action: 'rate-limited',
    kind: 'rateLimited',
    facts: {
      status: '429',
      code: '400311',
      attempts: '1',
      retryable: 'true',
      retryAfterMs: '30000 (30 s)',
    },
  },
  {
    action: 'service-down',
    kind: 'server',
    facts: { status: '503', attempts: '3', retryable: 'true' },
  },
];

export async function checkCalls({ page, context, user, readRequests, snapshot, readState }) {
  await check('a call sends the access token, and the service accepts it', async () => {
    await user.press('call');
    await user.waitForStatus('accepts the token');
    assert.equal((await readRequests()).at(-1), 'GET /api/v3/sessions');
  });

  await check('the page has a light and a dark colour scheme', async () => {
    const readBackground = () =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.click('.across.request button');
    await snapshot('established-light');
    const light = await readBackground();
    await page.emulateMedia({ colorScheme: 'dark' });
    await snapshot('established-dark');
    assert.notEqual(await readBackground(), light);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  for (const { action, kind, facts } of FAILURES) {
    await check(`the failure ${action} shows an error of kind ${kind}`, async () => {
      await user.press(action);
      await page.waitForSelector(`#error[data-kind="${kind}"]:not([hidden])`);
      const shown = await user.readErrorFields();
      for (const [name, value] of Object.entries(facts)) assert.equal(shown[name], value, name);
      assert.equal(await page.textContent('#error .kind'), kind);
      await user.waitUntilIdle();
      assert.equal(await readState(), 'established');
    });
  }

  await check('the diagram shows each attempt and each wait if the service is down', async () => {
    const rows = await user.readRows(14);
    const attempts = rows.filter((row) =>
      row.startsWith('page to social.plus: POST /api/v5/sessions'),
    );
    assert.equal(attempts.length, 3, 'number of attempts');
    const waits = rows.filter((row) => /^waits .*, then attempt [23]$/.test(row));
    assert.equal(waits.length, 2, 'number of waits');
    await snapshot('failure-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await snapshot('failure-dark');
    await page.emulateMedia({ colorScheme: 'light' });
  });

  await check('the failures change neither the session nor the user of the cookie', async () => {
    await user.press('call');
    await user.waitForStatus('accepts the token');
    const [{ value }] = await context.cookies();
    assert.match(value, /^ines\./);
  });
}
