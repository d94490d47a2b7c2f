// Tests a sign-in, and how the page shows it.
import assert from 'node:assert/strict';
import { check } from './harness.mjs';
import { SIGN_IN_REQUESTS } from './world.mjs';

const DIAGRAM = [
  'page to worker: POST /app/sign-in, signs you in to the app',
  'worker to page: 204',
  'page to worker: POST /auth/token, requests an auth token',
  'worker to social.plus: POST /api/v4/authentication/token, mints it with the server key',
  'social.plus to worker: 200',
  'worker to page: 200',
  'page to social.plus: POST /api/v5/sessions, exchanges it for a session',
  'social.plus to page: 200',
];

/** Returns the rows of the diagram without their durations. */
export const readDiagramRows = async (user) =>
  (await user.readRows(DIAGRAM.length)).map((row) => row.replace(/ after .*/, ''));

export async function checkSignIn({
  page,
  user,
  readRequests,
  readTokens,
  readSeenStates,
  snapshot,
}) {
  await check('a sign-in sends exactly two requests to the service', async () => {
    await user.press('sign-in');
    await user.waitForState('established');
    assert.deepEqual(await readRequests(), SIGN_IN_REQUESTS);
    assert.deepEqual((await readSeenStates()).slice(-3), [
      'notLoggedIn',
      'establishing',
      'established',
    ]);
    await user.waitForStatus('Signed in as Ines Okafor');
  });

  await check(
    "the diagram shows the worker's request between the page's request and its response",
    async () => assert.deepEqual(await readDiagramRows(user), DIAGRAM),
  );

  await check(
    'the session card shows the user, claims and remaining time, but no token',
    async () => {
      const card = await page.innerText('.session');
      assert.match(card, /Ines Okafor/);
      assert.match(card, /userType signed-in/);
      assert.match(card, /(29|30) d \d\d:\d\d:\d\d/);
      assert.match(card, /\biat\b[\s\S]*\bexp\b/);
      const html = await page.content();
      const accessTokens = await readTokens('accessToken');
      const authTokens = await readTokens('authToken');
      assert.equal(accessTokens.length, 1, 'number of access tokens');
      assert.equal(authTokens.length, 1, 'number of auth tokens');
      for (const token of [...accessTokens, ...authTokens])
        assert.ok(!html.includes(token), 'the page contains a token');
    },
  );

  await check('the details of an arrow mask secrets', async () => {
    await page.click('.by-worker.request button');
    await page.waitForSelector('#details:not([hidden])');
    const details = await page.innerText('#details');
    assert.match(details, /x-server-key\s+•+/);
    assert.match(details, /createAuthHandler/);
    await page.click('.across.request button');
    await page.waitForFunction(() =>
      document.getElementById('details').textContent.includes('"authToken": "••••••••"'),
    );
    assert.match(await page.innerText('#details'), /"accessToken": "•+"/);
    await snapshot('details-light');
  });
}
