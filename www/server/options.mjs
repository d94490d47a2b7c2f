// What the command line and the environment ask for, and the question that stands before the real
// service.
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { people } from '../people.js';

/** Fit to be shown to the person who ran the command, as it is. */
export class Sentence extends Error {}

export const help = `Usage: cargo xtask demo [--port N] [--no-open] [--region eu|sg|us] [--yes]

  --port N     the page's port (default: any free one)
  --no-open    do not open a browser
  --region R   use the real service, with SOCIAL_PLUS_API_KEY and SOCIAL_PLUS_SERVER_KEY, after asking
  --yes        do not ask`;

// The page may call no other host: these stand in its Content-Security-Policy.
const hosts = {
  eu: 'https://apix.eu.amity.co',
  sg: 'https://apix.sg.amity.co',
  us: 'https://apix.us.amity.co',
};

export function readOptions(args, env) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        region: { type: 'string' },
        'no-open': { type: 'boolean' },
        yes: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new Sentence(`${error.message.split('. ')[0]}.\n\n${help}`);
  }
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Sentence('--port takes a number from 0 to 65535.');
  return {
    port,
    open: !values['no-open'],
    yes: values.yes,
    help: values.help,
    real: values.region && realService(values.region.toLowerCase(), env),
  };
}

function realService(region, env) {
  const origin = Object.hasOwn(hosts, region) ? hosts[region] : undefined;
  if (!origin) throw new Sentence('--region takes eu, sg or us.');
  const { SOCIAL_PLUS_API_KEY: apiKey, SOCIAL_PLUS_SERVER_KEY: serverKey } = env;
  if (!apiKey || !serverKey)
    throw new Sentence(
      '--region needs SOCIAL_PLUS_API_KEY and SOCIAL_PLUS_SERVER_KEY in the environment. Without --region the demo brings its own service.',
    );
  return { region, origin, apiKey, serverKey };
}

/** Asks before anything reaches the real service; without a terminal only `--yes` is an answer. */
export async function confirmRealService({ real, yes }) {
  const users = people.map((person) => person.userId).join(', ');
  console.log(
    `This uses the real service (${real.origin}). Signing in creates the users ${users} in your network and gives each a session.`,
  );
  if (yes) return true;
  if (!process.stdin.isTTY)
    throw new Sentence('There is no terminal to ask on: add --yes if you mean it.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question('Go on? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}
