// The attempts as a process of Node, Deno or Bun: the service and the certificates come in as the
// last argument, outcomes leave as JSON.
import { argv } from 'node:process';
import { attempt } from './attempt.mjs';

// A fetch that shows a client certificate, which each engine is given in its own way; without
// `cert` and `key` none is shown.
const { Deno, Bun } = globalThis;

const node = async ({ ca, cert, key }) => {
  const { Agent, fetch } = await import('undici');
  const dispatcher = new Agent({ connect: { ca, cert, key } });
  return (url, init) => fetch(url, { ...init, dispatcher });
};

const deno = ({ ca, cert, key }) => {
  const client = Deno.createHttpClient({ caCerts: [ca], ...(cert && { cert, key }) });
  return (url, init) => fetch(url, { ...init, client });
};

const bun =
  ({ ca, cert, key }) =>
  (url, init) =>
    fetch(url, { ...init, tls: { ca, cert, key } });

const recipe = Deno ? deno : Bun ? bun : node;

const { service, certificates } = JSON.parse(argv.at(-1));
const outcomes = {};
for (const [name, pair] of Object.entries(certificates))
  outcomes[name] = await attempt(service, await recipe({ ...pair, ca: service.ca }));
console.log(JSON.stringify(outcomes));
