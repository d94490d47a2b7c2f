// Drives the demo in Chromium, from the first press to the last failure, and looks for the server
// key in all that the browser ever received.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { hands, openBrowser } from './browser.mjs';
import { checkCommandLine } from './command-line.mjs';
import { check, collect, report, startDemo } from './harness.mjs';
import { checkTabs } from './tabs.mjs';
import { checkUnits } from './units.mjs';

const screenshots = fileURLToPath(new URL('../../target/screenshots/', import.meta.url));
await mkdir(screenshots, { recursive: true });

// Known here only so that it can be looked for.
const serverKey = randomBytes(61).toString('hex');
const demo = startDemo([], { DEMO_EMULATOR_SERVER_KEY: serverKey });
const address = await demo.address;
const { apiKey, endpoint } = await (await fetch(`${address}demo/config`)).json();
const recorded = async () =>
  (await (await fetch(`${address}demo/requests`)).json()).map(
    ({ method, path }) => `${method} ${path}`,
  );
const feed = [];
const stopFeed = new AbortController();
collect(`${address}demo/events`, feed, stopFeed.signal);

const browser = await openBrowser();
const { page, context } = browser;
const { press, state, status, said, choose, rows, receipt, overflow } = hands(page);
const snapshot = async (name) => {
  // One that is overtaken by the next never finishes.
  await page.evaluate(() =>
    Promise.allSettled(document.getAnimations().map((animation) => animation.finished)),
  );
  await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
};
// Tokens as the page gets them, so that the service can be asked about them.
const answers = [];
page.on('response', (response) => {
  // An event stream has no end to wait for.
  if (!response.url().endsWith('/demo/events')) answers.push(response.json().catch(() => null));
});
const tokens = async (name) =>
  (await Promise.all(answers)).flatMap((answer) => answer?.[name] ?? []);
const honoured = async (token) =>
  (await fetch(`${endpoint}/api/v3/sessions`, { headers: { authorization: `Bearer ${token}` } }))
    .status === 200;
const redeem = async (userId, authToken) => {
  const body = JSON.stringify({ userId, authToken, deviceId: 'test-device' });
  return (
    await fetch(`${endpoint}/api/v5/sessions`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body,
    })
  ).status;
};
const mint = ['POST /api/v4/authentication/token', 'POST /api/v5/sessions'];

page.setDefaultTimeout(15_000);
const { headers } = { headers: (await page.goto(address)).headers() };
await page.waitForSelector('label.person');

await check(
  'the page starts signed out, its first person chosen, with one button to sign in',
  async () => {
    assert.equal(await page.getAttribute('body', 'data-state'), 'notLoggedIn');
    assert.equal(await page.locator('[data-action="sign-in"]').count(), 1);
    assert.equal(await page.locator('input[type=radio]').first().isChecked(), true);
    assert.deepEqual(await recorded(), []);
    await snapshot('start-light');
  },
);

await check('the policy allows wasm, no inline script, and no host but the service', () => {
  const policy = headers['content-security-policy'];
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  assert.match(policy, new RegExp(`connect-src 'self' ${endpoint};`));
  assert.doesNotMatch(policy, /unsafe-inline/);
  assert.match(policy, /frame-ancestors 'none'/);
});

await check('the second tab may be framed by the demo, and by nobody else', async () => {
  const framed = (await fetch(`${address}tab`)).headers.get('content-security-policy');
  assert.equal(
    framed,
    headers['content-security-policy'].replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
  );
});

await check('sign-in leads to established, by exactly two requests to the service', async () => {
  await press('sign-in');
  await state('established');
  assert.deepEqual(await recorded(), mint);
  assert.deepEqual((await page.evaluate(() => window.seenStates)).slice(-3), [
    'notLoggedIn',
    'establishing',
    'established',
  ]);
  await said('Signed in as Ines Okafor');
});

await check("the diagram tells the requests in order, the worker's inside the page's", async () => {
  const told = (await rows(8)).map((row) => row.replace(/ after .*/, ''));
  assert.deepEqual(told, [
    'page to worker: POST /app/sign-in, signs you in to the app',
    'worker to page: 204',
    'page to worker: POST /auth/token, asks for an auth token',
    'worker to social.plus: POST /api/v4/authentication/token, mints it with the server key',
    'social.plus to worker: 200',
    'worker to page: 200',
    'page to social.plus: POST /api/v5/sessions, redeems it for a session',
    'social.plus to page: 200',
  ]);
});

await check('the session shows the user, the claims and the time left, and no token', async () => {
  const card = await page.innerText('.session');
  assert.match(card, /Ines Okafor/);
  assert.match(card, /userType signed-in/);
  assert.match(card, /(29|30) d \d\d:\d\d:\d\d/);
  assert.match(card, /\biat\b[\s\S]*\bexp\b/);
  const html = await page.content();
  const [access, auth] = [await tokens('accessToken'), await tokens('authToken')];
  assert.ok(access.length === 1 && auth.length === 1);
  for (const token of [...access, ...auth]) assert.ok(!html.includes(token));
});

await check('an arrow opens to its details, secrets masked', async () => {
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

await check("the app's cookie is HttpOnly and SameSite=Lax", async () => {
  const [cookie, ...others] = await context.cookies();
  assert.deepEqual(others, []);
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Lax');
  assert.equal(await page.evaluate(() => document.cookie), '');
});

await check('a user id in the body of /auth/token is ignored', async () => {
  const { authToken } = await page.evaluate(async () =>
    (
      await fetch('/auth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ userId: 'tomasz' }),
      })
    ).json(),
  );
  assert.equal(await redeem('tomasz', authToken), 401);
  assert.equal(await redeem('ines', authToken), 200);
});

await check('/auth/token answers neither strangers, nor forgers, nor other origins', async () => {
  const [{ name, value }] = await context.cookies();
  const ask = async (cookie, origin) => {
    const response = await fetch(`${address}auth/token`, {
      method: 'POST',
      headers: { cookie, origin },
    });
    assert.equal(response.headers.get('cache-control'), 'no-store');
    return response.status;
  };
  const own = new URL(address).origin;
  assert.equal(await ask(`${name}=${value}`, own), 200);
  assert.equal(await ask('', own), 401);
  assert.equal(await ask(`${name}=${value.replace(/^ines/, 'yuki')}`, own), 401);
  assert.equal(await ask(`${name}=${value}`, 'https://elsewhere.example'), 403);
  // What the worker did for others is not drawn into this page's sign-in.
  assert.equal((await rows(8)).length, 8);
});

await check('a foreign Host is refused', async () => {
  const { port } = new URL(address);
  const [response] = await once(
    get({ port, host: '127.0.0.1', headers: { host: `elsewhere.example:${port}` } }),
    'response',
  );
  response.resume();
  assert.equal(response.statusCode, 403);
});

await check('a call bears the token', async () => {
  await press('call');
  await said('honours the token');
  assert.equal((await recorded()).at(-1), 'GET /api/v3/sessions');
});

await check('light and dark are both drawn', async () => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.click('.across.request button');
  await snapshot('established-light');
  const light = await paper();
  await page.emulateMedia({ colorScheme: 'dark' });
  await snapshot('established-dark');
  assert.notEqual(await paper(), light);
  await page.emulateMedia({ colorScheme: 'light' });
});

const failures = [
  [
    'no-auth-token',
    'secureModeRequired',
    { status: '403', code: '400300', attempts: '1', retryable: 'false' },
  ],
  ['wrong-server-key', 'server', { status: '502', operation: undefined, code: undefined }],
  ['banned-user', 'banned', { status: '403', code: '400312', attempts: '1', retryable: 'false' }],
  [
    'rate-limited',
    'rateLimited',
    {
      status: '429',
      code: '400311',
      attempts: '1',
      retryable: 'true',
      retryAfterMs: '30000 (30 s)',
    },
  ],
  ['service-down', 'server', { status: '503', attempts: '3', retryable: 'true' }],
];
for (const [action, kind, facts] of failures) {
  await check(`${action} shows ${kind}`, async () => {
    await press(action);
    await page.waitForSelector(`#receipt[data-kind="${kind}"]:not([hidden])`);
    const shown = await receipt();
    assert.deepEqual(
      Object.fromEntries(Object.keys(facts).map((name) => [name, shown[name]])),
      facts,
    );
    assert.equal(await page.textContent('#receipt .kind'), kind);
    await page.waitForFunction(() => !document.querySelector('[aria-busy]'));
    assert.equal(await page.getAttribute('body', 'data-state'), 'established');
  });
}

await check('the retries of a service that is down are seen', async () => {
  const told = await rows(14);
  assert.equal(
    told.filter((row) => row.startsWith('page to social.plus: POST /api/v5/sessions')).length,
    3,
  );
  assert.equal(told.filter((row) => /^waits .*, then attempt [23]$/.test(row)).length, 2);
  await snapshot('failure-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await snapshot('failure-dark');
  await page.emulateMedia({ colorScheme: 'light' });
});

await check('failures leave the session as it was', async () => {
  await press('call');
  await said('honours the token');
  const [{ value }] = await context.cookies();
  assert.match(value, /^ines\./);
});

await check('sign-out leads to notLoggedIn, and the service forgets the token', async () => {
  const [token] = await tokens('accessToken');
  assert.equal(await honoured(token), true);
  await press('sign-out');
  await state('notLoggedIn');
  await said('no longer honours');
  assert.equal(await honoured(token), false);
  assert.deepEqual(await context.cookies(), []);
});

await check('a banned person cannot sign in', async () => {
  await choose('rowan');
  await press('sign-in');
  await page.waitForSelector('#receipt[data-kind="banned"]:not([hidden])');
  assert.deepEqual((await page.evaluate(() => window.seenStates)).slice(-2), [
    'establishing',
    'notLoggedIn',
  ]);
});

await check('the keyboard is enough, and shows where it is', async () => {
  await page.reload();
  await page.waitForSelector('label.person');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.value), 'ines');
  await page.keyboard.press('ArrowDown');
  assert.equal(
    await page.evaluate(
      () => getComputedStyle(document.activeElement.closest('label')).outlineStyle,
    ),
    'solid',
  );
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.action), 'sign-in');
  await page.keyboard.press('Enter');
  await state('established');
  await said('Signed in as Tomasz Lind');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#details:not([hidden])');
  assert.equal(
    await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle),
    'solid',
  );
});

const revokeElsewhere = async () => {
  const token = (await tokens('accessToken')).at(-1);
  await fetch(`${endpoint}/api/v4/sessions`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(await honoured(token), false);
};

await check(
  'a token that was revoked elsewhere is renewed once, and the call sent again',
  async () => {
    await revokeElsewhere();
    const before = (await recorded()).length;
    await press('call');
    await said('honours the token');
    const since = (await recorded()).slice(before);
    assert.deepEqual(
      since.filter((request) => request.startsWith('POST')),
      mint,
    );
    assert.equal(await page.getAttribute('body', 'data-state'), 'established');
  },
);

await check('signing out of a session that has ended elsewhere is no failure', async () => {
  await revokeElsewhere();
  await press('sign-out');
  await state('notLoggedIn');
  await said('Signed out');
});

await check('the device keeps its id over a reload', async () => {
  const device = () =>
    page
      .evaluate(() => JSON.stringify(localStorage))
      .then((stored) => /web-[0-9a-f-]{36}|deviceId[^,}]+/.exec(stored)?.[0]);
  const before = await device();
  await page.reload();
  await page.waitForSelector('label.person');
  assert.equal(await page.getAttribute('body', 'data-state'), 'notLoggedIn');
  assert.ok(before);
  assert.equal(await device(), before);
});

await check('nothing overflows at 360 px', async () => {
  await page.setViewportSize({ width: 360, height: 780 });
  assert.equal(await overflow(), 0);
  await press('sign-in');
  await state('established');
  await page.click('.by-worker.request button');
  await press('service-down');
  await page.waitForSelector('#receipt[data-kind="server"]:not([hidden])');
  await page.waitForFunction(() => !document.querySelector('[aria-busy]'));
  await page.click('.by-worker.request button');
  assert.equal(await overflow(), 0);
  await press('wrong-server-key');
  await page.waitForSelector('#receipt[data-kind="server"] >> text=correlationId');
  await page.waitForFunction(() => !document.querySelector('[aria-busy]'));
  assert.equal(await overflow(), 0);
  const outside = await page.$$eval('.row .line, .row .says, .actor', (words) =>
    words
      .filter(
        (word) =>
          word.getBoundingClientRect().left < 0 || word.getBoundingClientRect().right > innerWidth,
      )
      .map((word) => word.textContent),
  );
  assert.deepEqual(outside, []);
  const overPagesLane = await page.$$eval('.row.far .line', (words) =>
    words
      .filter((word) => {
        const lanes = document.getElementById('lanes');
        const { left, width } = lanes.getBoundingClientRect();
        const edge = parseFloat(getComputedStyle(lanes).getPropertyValue('--edge')) / 100;
        return word.getBoundingClientRect().left <= left + edge * width;
      })
      .map((word) => word.textContent),
  );
  assert.deepEqual(overPagesLane, []);
  await snapshot('narrow-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await snapshot('narrow-dark');
});

await check('whoever asks for less motion gets none', async () => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await press('sign-in');
  await said('Signed in');
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});

await check(
  "where nobody listens at the service's door, the worker's own account of it is drawn",
  async () => {
    const config = { apiKey, endpoint, emulator: false };
    await page.route('**/demo/config', (route) => route.fulfill({ json: config }));
    await page.reload();
    await page.waitForSelector('label.person');
    assert.equal(await page.isVisible('#wrong'), false);
    assert.equal(await page.isVisible('#clock'), false);
    await state('established');
    await press('sign-out');
    await state('notLoggedIn');
    await press('sign-in');
    await state('established');
    const told = (await rows(8)).map((row) => row.replace(/ after .*/, ''));
    assert.equal(told.length, 8);
    assert.deepEqual(told.slice(3, 5), [
      'worker to social.plus: POST /api/v4/authentication/token, mints it with the server key',
      'social.plus to worker: 200',
    ]);
  },
);

await checkUnits();
await page.unroute('**/demo/config');
await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
await page.setViewportSize({ width: 1280, height: 860 });
await press('sign-out');
await state('notLoggedIn');
await page.reload();
await page.waitForSelector('label.person');
await checkTabs({ page, context, hands: hands(page), recorded, tokens, snapshot });

await check('the server key reached the browser in nothing', async () => {
  const { content, stored, cookie } = {
    content: await page.content(),
    ...(await page.evaluate(() => ({
      stored: JSON.stringify(localStorage),
      cookie: document.cookie,
    }))),
  };
  const haystack = [...(await browser.received()), content, stored, cookie, ...feed].join('\n');
  // The search would find a key that had come: it finds the public one, in an answer, and what the
  // feed tells.
  assert.ok(haystack.includes(apiKey));
  assert.ok(feed.join('').includes('/api/v4/authentication/token'));
  assert.ok(!haystack.includes(serverKey));
});

await check('the console stayed quiet', () => assert.deepEqual(browser.complaints, []));

await browser.close();
stopFeed.abort();
await checkCommandLine(address);

await check('SIGTERM ends it, cleanly, without a key printed', async () => {
  demo.stop();
  const { code, printed } = await demo.ended;
  assert.equal(code, 0);
  assert.ok(!printed.includes(serverKey) && !printed.includes(apiKey));
  // What the page was not told of the worker with the old key.
  assert.match(
    printed,
    /"status":502,.*"detail":"unauthorized: The service refused the server key.*"correlationId":"[0-9a-f-]{36}"/,
  );
  await assert.rejects(fetch(address));
});

report();
