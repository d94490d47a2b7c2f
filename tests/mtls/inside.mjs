// Makes the calls of attempt.mjs with each certificate, in a process of Node, Deno or Bun. The last
// argument is JSON with the service and the certificates. Prints the outcomes as JSON.
import { argv } from 'node:process';
import { attempt } from './attempt.mjs';

// Each engine has its own way to give `fetch` a client certificate. If `cert` and `key` are
// missing, the client presents no certificate.
const { Deno, Bun } = globalThis;

const createNodeFetch = async ({ ca, cert, key }) => {
  const { Agent, fetch } = await import('undici');
  const dispatcher = new Agent({ connect: { ca, cert, key } });
  return (url, init) => fetch(url, { ...init, dispatcher });
};

const createDenoFetch = ({ ca, cert, key }) => {
  const client = Deno.createHttpClient({ caCerts: [ca], ...(cert && { cert, key }) });
  return (url, init) => fetch(url, { ...init, client });
};

const createBunFetch =
  ({ ca, cert, key }) =>
  (url, init) =>
    fetch(url, { ...init, tls: { ca, cert, key } });

const createFetch = Deno ? createDenoFetch : Bun ? createBunFetch : createNodeFetch;

const { service, certificates } = JSON.parse(argv.at(-1));
const outcomes = {};
for (const [name, pair] of Object.entries(certificates))
  outcomes[name] = await attempt(service, await createFetch({ ...pair, ca: service.ca }));
console.log(JSON.stringify(outcomes));
