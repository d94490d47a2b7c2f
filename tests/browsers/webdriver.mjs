// Speaks WebDriver over HTTP to one WebKitWebDriver. A driver has one session, and the session has
// one browser.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const START_TIMEOUT_MS = 20_000;
const RETRY_MS = 20;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const findFreePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Sends a command, and resolves to its value. Rejects with the driver's error name and message. */
const send = async (base, method, path, body) => {
  const response = await fetch(`${base}${path}`, {
    method,
    body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined,
  });
  const { value } = await response.json();
  if (response.ok) return value;
  throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
};

/** Waits until the driver answers. Throws if it exits first, or after `START_TIMEOUT_MS`. */
const waitUntilReady = async (base, isRunning) => {
  const end = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await send(base, 'GET', '/status');
    } catch (error) {
      if (!isRunning() || Date.now() > end)
        throw new Error('WebKitWebDriver did not start', { cause: error });
      await pause(RETRY_MS);
    }
  }
};

/**
 * Starts a driver and its browser. In the result, `command` sends a command of the session, and
 * `close` ends the browser and the driver.
 *
 * @param options - The program of the driver, its environment, and the capabilities of the session.
 */
export const startWebDriver = async ({ program, env, capabilities }) => {
  const port = await findFreePort();
  const driver = spawn(program, [`--port=${port}`], { env, stdio: 'ignore' });
  let isRunning = true;
  const ended = new Promise((resolve) => driver.on('error', resolve).on('close', resolve)).then(
    () => (isRunning = false),
  );
  const stopDriver = async () => {
    driver.kill();
    await ended;
  };
  const base = `http://127.0.0.1:${port}`;
  try {
    await waitUntilReady(base, () => isRunning);
    const { sessionId } = await send(base, 'POST', '/session', {
      capabilities: { alwaysMatch: capabilities },
    });
    const command = (method, path, body) =>
      send(base, method, `/session/${sessionId}${path}`, body);
    // With a script timeout, WebKit would call the page's `setTimeout`, which tests replace.
    await command('POST', '/timeouts', { script: null });
    return {
      command,
      async close() {
        await command('DELETE', '').catch(() => {});
        await stopDriver();
      },
    };
  } catch (error) {
    await stopDriver();
    throw error;
  }
};
