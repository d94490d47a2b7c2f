// Tests the `region` and `endpoint` options. An endpoint must use https, or http on a loopback
// host. A misleading endpoint must not make the library send a key to another host.
import { equal } from './harness.mjs';
import {
  API_KEY,
  CANARY,
  listEntries,
  respondWithSuccess,
  createRecordingFetch,
  rejectsWithoutRequest,
  resolves,
} from './helpers.mjs';

const REGIONS = { eu: 'eu', EU: 'eu', Eu: 'eu', sg: 'sg', SG: 'sg', us: 'us', US: 'us' };

const VALID_ENDPOINTS = {
  'https://proxy.example.test': 'https://proxy.example.test',
  'https://proxy.example.test/': 'https://proxy.example.test',
  'https://proxy.example.test/amity': 'https://proxy.example.test/amity',
  'https://proxy.example.test/amity/v/': 'https://proxy.example.test/amity/v',
  'https://proxy.example.test:8443': 'https://proxy.example.test:8443',
  'http://localhost:8080': 'http://localhost:8080',
  'http://localhost': 'http://localhost',
  'http://127.0.0.1:8080/x': 'http://127.0.0.1:8080/x',
  'http://[::1]:8080': 'http://[::1]:8080',
};

const INVALID_ENDPOINTS = [
  '',
  'proxy.example.test',
  '//proxy.example.test',
  '/amity',
  'https://',
  'https:///',
  'http://',
  'https://:8443',
  'http://proxy.example.test',
  'http://127.0.0.1.evil.test',
  'http://localhost.evil.test',
  'http://127.0.0.1@evil.test',
  'http://localhost:80@evil.test',
  'http://evil.test#@127.0.0.1',
  'http://evil.test?@127.0.0.1',
  'http://evil.test/@127.0.0.1',
  'http://0.0.0.0',
  'http://10.0.0.1',
  'http://192.168.0.1',
  'http://[::2]',
  'http://127.0.0.+1',
  'http://127.0.0.256',
  'http://localhost:8a',
  'https://proxy.example.test:99999',
  'http://evil.test\\@127.0.0.1',
  'http://127.0.0.1\\@evil.test',
  'https://good.test\\@evil.test',
  'https:\\\\evil.test',
  'http:\\\\127.0.0.1',
  'https:/\\evil.test',
  'http://127.0.0.1\t.evil.test',
  'http://local\nhost',
  'https://evil\n.test',
  ' https://evil.test',
  'https://evil.test ',
  'https://evil .test',
  `https://${CANARY}@proxy.example.test`,
  `https://me:${CANARY}@proxy.example.test`,
  'https://@proxy.example.test',
  `https://proxy.example.test/?key=${CANARY}`,
  'https://proxy.example.test?',
  `https://proxy.example.test/#${CANARY}`,
  'https://proxy.example.test#',
  'ftp://proxy.example.test',
  'ws://localhost',
  'javascript:alert(1)',
  'data:text/plain,x',
  'file:///x',
  'blob:https://proxy.example.test/x',
  'https:proxy.example.test',
];

export default ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    const call = (options) => (fetch) =>
      api.createSession(
        { apiKey: API_KEY, fetch, ...options },
        { userId: 'ada', deviceId: 'dev-1' },
      );
    const assertRequestsGoTo = async (options, base) => {
      const fetch = createRecordingFetch(async (url, init) => respondWithSuccess(url, init));
      await resolves(() => call(options)(fetch));
      equal(fetch.calls[0].url, `${base}/api/v5/sessions`, 'URL');
    };
    for (const [region, code] of Object.entries(REGIONS)) {
      test(`${entry} accepts the region ${region}`, () =>
        assertRequestsGoTo({ region }, `https://apix.${code}.amity.co`));
    }
    for (const [endpoint, base] of Object.entries(VALID_ENDPOINTS)) {
      test(`${entry} accepts the endpoint ${endpoint}`, () =>
        assertRequestsGoTo({ endpoint }, base));
      test(`${entry} accepts the endpoint ${endpoint} as a URL`, () =>
        assertRequestsGoTo({ endpoint: new URL(endpoint) }, base));
    }
    for (const endpoint of INVALID_ENDPOINTS) {
      const name = JSON.stringify(endpoint.replaceAll(CANARY, '…'));
      test(`${entry} rejects the endpoint ${name}`, () =>
        rejectsWithoutRequest(call({ endpoint }), {
          kind: 'config',
          operation: 'createSession',
          message: /endpoint/,
        }));
    }
    for (const url of [
      'http://proxy.example.test',
      `https://${CANARY}@proxy.example.test`,
      `https://proxy.example.test/?${CANARY}`,
      `https://proxy.example.test/#${CANARY}`,
      'ftp://localhost',
    ]) {
      test(`${entry} rejects the URL ${url.replaceAll(CANARY, '…')}`, () =>
        rejectsWithoutRequest(call({ endpoint: new URL(url) }), {
          kind: 'config',
          message: /endpoint/,
        }));
    }
    for (const endpoint of [null, 42, {}, [], { href: 42 }, true, Symbol('x')]) {
      test(
        `${entry} rejects an endpoint that is ` +
          `${typeof endpoint === 'object' ? JSON.stringify(endpoint) : String(endpoint)}`,
        () => rejectsWithoutRequest(call({ endpoint }), { kind: 'config', message: /endpoint/ }),
      );
    }
    test(`${entry} rejects options with neither region nor endpoint`, () =>
      rejectsWithoutRequest(call({}), { kind: 'config', message: /region.*endpoint/s }));
    test(`${entry} rejects options with both region and endpoint`, () =>
      rejectsWithoutRequest(call({ region: 'eu', endpoint: 'https://proxy.example.test' }), {
        kind: 'config',
        message: /region.*endpoint/s,
      }));
  }
};
