// Drives WebKitGTK's MiniBrowser over WebDriver, on a display of Xvfb.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWebDriver } from './webdriver.mjs';

const DRIVER = process.env.WEBKIT_DRIVER ?? 'WebKitWebDriver';
const MIN_POLL_MS = 4;
const MAX_POLL_MS = 50;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a display with a free number. */
const startDisplay = async () => {
  const args = ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const number = await new Promise((resolve, reject) => {
    server.on('error', reject);
    server.on('close', () => reject(new Error('Xvfb ended before it printed its display.')));
    server.stdout.once('data', (text) => resolve(String(text).trim()));
  });
  return { name: `:${number}`, close: () => server.kill() };
};

/**
 * Returns a script that starts a call in the page. The outcome stays in the page until the script
 * `TAKE` returns and deletes it.
 */
const createStartScript = (run) => `
  const [id, args] = arguments;
  const calls = (window.callsOfTheDriver ??= new Map());
  const run = ${run};
  (async () => run(...args))().then(
    (value) => calls.set(id, { value: JSON.stringify(value) }),
    (error) => calls.set(id, { error: \`\${error?.name}: \${error?.message}\` }),
  );
  calls.set(id, { isPending: true });`;
const TAKE = `
  const outcome = window.callsOfTheDriver?.get(arguments[0]);
  if (!outcome?.isPending) window.callsOfTheDriver?.delete(arguments[0]);
  return outcome ?? { error: 'the page was replaced during the call' };`;

/**
 * Sends the commands of several windows one after the other, because a session has one current
 * window.
 */
const createWindows = ({ command }) => {
  let current;
  let last = Promise.resolve();
  const enqueue = (action) => {
    const result = last.then(action);
    last = result.catch(() => {});
    return result;
  };
  const enter = async (handle) => {
    if (current === handle) return;
    current = undefined;
    await command('POST', '/window', { handle });
    current = handle;
  };
  return {
    /** Sends a command to a window. */
    send: (handle, method, path, body) =>
      enqueue(async () => {
        await enter(handle);
        return command(method, path, body);
      }),
    open: () =>
      enqueue(async () => {
        // The driver opens no window while the current one is closed.
        if (current === undefined) await enter((await command('GET', '/window/handles'))[0]);
        return command('POST', '/window/new', { type: 'window' });
      }),
    list: () => enqueue(() => command('GET', '/window/handles')),
    close: (handle) =>
      enqueue(async () => {
        await enter(handle);
        await command('DELETE', '/window');
        current = undefined;
      }),
  };
};

let calls = 0;

const createPage = (windows, handle) => {
  const execute = (script, args) => windows.send(handle, 'POST', '/execute/sync', { script, args });
  return {
    goto: (url) => windows.send(handle, 'POST', '/url', { url }),
    reload: () => windows.send(handle, 'POST', '/refresh'),
    close: () => windows.close(handle),
    async evaluate(run, ...args) {
      const id = (calls += 1);
      await execute(createStartScript(run), [id, args]);
      for (let wait = MIN_POLL_MS; ; wait = Math.min(2 * wait, MAX_POLL_MS)) {
        const { isPending, value, error } = await execute(TAKE, [id]);
        if (error) throw new Error(error);
        if (!isPending) return value === undefined ? undefined : JSON.parse(value);
        await pause(wait);
      }
    },
  };
};

/** Starts a browser whose pages share nothing with other browsers. */
const startContext = async (program, display) => {
  const home = await mkdtemp(join(tmpdir(), 'webkit-'));
  const driver = await startWebDriver({
    program: DRIVER,
    env: {
      ...process.env,
      HOME: home,
      DISPLAY: display,
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      NO_AT_BRIDGE: '1',
    },
    capabilities: {
      'webkitgtk:browserOptions': { binary: program, args: ['--automation'] },
    },
  });
  const windows = createWindows(driver);
  const [first] = await windows.list();
  let isFirstUsed = false;
  return {
    /** The driver runs one command at a time. */
    isSerial: true,
    /** Opens a page in a window of its own, since WebKit throttles hidden tabs. */
    async newPage() {
      const handle = isFirstUsed ? (await windows.open()).handle : first;
      isFirstUsed = true;
      return createPage(windows, handle);
    },
    async close() {
      await driver.close();
      await rm(home, { recursive: true, force: true });
    },
  };
};

/** Starts a display. Each context then starts a browser process of its own on that display. */
export const launchWebKit = async () => {
  const program = process.env.WEBKIT;
  if (!program) throw new Error("Set WEBKIT to the path of WebKitGTK's MiniBrowser.");
  const display = await startDisplay();
  return {
    newContext: () => startContext(program, display.name),
    close: async () => display.close(),
  };
};
