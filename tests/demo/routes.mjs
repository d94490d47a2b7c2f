// Tests the routes of the demo's worker with requests of the signed-in page and of other clients.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { check } from './harness.mjs';

export async function checkRoutes({ address, endpoint, apiKey, page, context, user }) {
  /** Requests a session with an auth token and returns the HTTP status. */
  const redeem = async (userId, authToken) => {
    const response = await fetch(`${endpoint}/api/v5/sessions`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ userId, authToken, deviceId: 'test-device' }),
    });
    return response.status;
  };

  await check("the app's cookie is HttpOnly and SameSite=Lax", async () => {
    const [cookie, ...others] = await context.cookies();
    assert.deepEqual(others, []);
    assert.equal(cookie.httpOnly, true);
    assert.equal(cookie.sameSite, 'Lax');
    assert.equal(await page.evaluate(() => document.cookie), '');
  });

  await check('/auth/token ignores a user id in the body', async () => {
    const { authToken } = await page.evaluate(async () => {
      const response = await fetch('/auth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ userId: 'tomasz' }),
      });
      return response.json();
    });
    assert.equal(await redeem('tomasz', authToken), 401);
    assert.equal(await redeem('ines', authToken), 200);
  });

  await check('/auth/token refuses missing and forged cookies and other origins', async () => {
    const [{ name, value }] = await context.cookies();
    const requestToken = async (cookie, origin) => {
      const headers = { cookie, origin, 'content-type': 'application/json' };
      const response = await fetch(`${address}auth/token`, { method: 'POST', headers });
      assert.equal(response.headers.get('cache-control'), 'no-store');
      return response.status;
    };
    const { origin } = new URL(address);
    assert.equal(await requestToken(`${name}=${value}`, origin), 200);
    assert.equal(await requestToken('', origin), 401);
    assert.equal(await requestToken(`${name}=${value.replace(/^ines/, 'yuki')}`, origin), 401);
    assert.equal(await requestToken(`${name}=${value}`, 'https://elsewhere.example'), 403);
  });

  await check('the diagram does not show the requests of other callers', async () =>
    assert.equal((await user.readRows(8)).length, 8),
  );

  await check('the server refuses a foreign Host header', async () => {
    const { port } = new URL(address);
    const headers = { host: `elsewhere.example:${port}` };
    const [response] = await once(get({ port, host: '127.0.0.1', headers }), 'response');
    response.resume();
    assert.equal(response.statusCode, 403);
  });
}
