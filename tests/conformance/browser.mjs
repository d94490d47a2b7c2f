// Runs the suite in the browser that the first argument names.
import { launch, openAddress } from '../browsers/launch.mjs';
import { startPackageSite } from '../browsers/package-site.mjs';
import { conclude, match, mergeResults, runTests } from './harness.mjs';
import { startServers } from './live-servers.mjs';

/**
 * Makes a call in a page that has not loaded the WebAssembly yet, and returns its outcome as text.
 */
const makeCallIn = (page) => page.evaluate(() => globalThis.suite.makeCall());
const createLoadingTests = (openPage, site) =>
  [
    [
      'a call without its WebAssembly file rejects with network, and the next call loads the file',
      async () => {
        const page = await openPage('/');
        site.isWasmMissing = true;
        match(await makeCallIn(page), /^network: .*ready\(\)/, 'outcome of the first call');
        site.isWasmMissing = false;
        match(await makeCallIn(page), /^config: /, 'outcome of the next call');
      },
    ],
    [
      'without wasm-unsafe-eval, a call rejects with unsupported and names wasm-unsafe-eval',
      async () =>
        match(
          await makeCallIn(await openPage('/strict')),
          /^unsupported: .*wasm-unsafe-eval/,
          'outcome',
        ),
    ],
  ].map(([name, body]) => ({ name: `page · ${name}`, body }));

conclude(async () => {
  const site = await startPackageSite('/conformance/page.mjs');
  const { live, close } = await startServers();
  const browser = await launch(process.argv[2]);
  const contexts = [];
  try {
    const openPage = async (path) => {
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      await openAddress(page, `${site.url}${path}`, 'suite');
      return page;
    };
    const page = await openPage('/');
    const results = await page.evaluate((addresses) => globalThis.suite.run(addresses), live);
    return mergeResults(results, await runTests(createLoadingTests(openPage, site)));
  } finally {
    for (const context of contexts) await context.close();
    await browser.close();
    await close();
    site.close();
  }
});
