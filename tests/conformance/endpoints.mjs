// Where requests may go: a region, or an endpoint of the caller's that is https, or http on a
// loopback host; no trick of writing gets a key elsewhere.
import { equal } from './harness.mjs';
import {
  API_KEY,
  CANARY,
  entries,
  resolves,
  healthyService,
  recordingFetch,
  rejectsUnsent,
} from './helpers.mjs';

const regions = { eu: 'eu', EU: 'eu', Eu: 'eu', sg: 'sg', SG: 'sg', us: 'us', US: 'us' };

const accepted = {
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

const refusedEndpoints = [
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
  for (const [entry, api] of entries(lib)) {
    const call = (where) => (fetch) =>
      api.createSession({ apiKey: API_KEY, fetch, ...where }, { userId: 'ada', deviceId: 'dev-1' });
    const goesTo = async (where, base) => {
      const fetch = recordingFetch(async (url, init) => healthyService(url, init));
      await resolves(() => call(where)(fetch));
      equal(fetch.calls[0].url, `${base}/api/v5/sessions`, 'address');
    };
    for (const [region, code] of Object.entries(regions)) {
      test(`${entry}: region ${region}`, () => goesTo({ region }, `https://apix.${code}.amity.co`));
    }
    for (const [endpoint, base] of Object.entries(accepted)) {
      test(`${entry}: endpoint ${endpoint}`, () => goesTo({ endpoint }, base));
      test(`${entry}: endpoint ${endpoint} as a URL`, () =>
        goesTo({ endpoint: new URL(endpoint) }, base));
    }
    for (const endpoint of refusedEndpoints) {
      const name = JSON.stringify(endpoint.replaceAll(CANARY, '…'));
      test(`${entry} refuses the endpoint ${name}`, () =>
        rejectsUnsent(call({ endpoint }), {
          kind: 'config',
          operation: 'createSession',
          message: /endpoint/,
        }));
    }
    for (const address of [
      'http://proxy.example.test',
      `https://${CANARY}@proxy.example.test`,
      `https://proxy.example.test/?${CANARY}`,
      `https://proxy.example.test/#${CANARY}`,
      'ftp://localhost',
    ]) {
      test(`${entry} refuses the URL ${address.replaceAll(CANARY, '…')}`, () =>
        rejectsUnsent(call({ endpoint: new URL(address) }), {
          kind: 'config',
          message: /endpoint/,
        }));
    }
    for (const endpoint of [null, 42, {}, [], { href: 42 }, true, Symbol('x')]) {
      test(`${entry} refuses an endpoint that is ${typeof endpoint === 'object' ? JSON.stringify(endpoint) : String(endpoint)}`, () =>
        rejectsUnsent(call({ endpoint }), { kind: 'config', message: /endpoint/ }));
    }
    test(`${entry} refuses neither region nor endpoint`, () =>
      rejectsUnsent(call({}), { kind: 'config', message: /region.*endpoint/s }));
    test(`${entry} refuses both region and endpoint`, () =>
      rejectsUnsent(call({ region: 'eu', endpoint: 'https://proxy.example.test' }), {
        kind: 'config',
        message: /region.*endpoint/s,
      }));
  }
};
