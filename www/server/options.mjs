// Reads the command line and the environment, and asks for consent before the demo uses the real
// service.
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { people } from '../people.js';

/** @import { Region } from 'social-plus-auth' */

/** @typedef {{ region: Region, origin: string, apiKey: string, serverKey: string }} RealService */
/**
 * @typedef {object} Options
 * @property {number} port
 * @property {boolean} open
 * @property {boolean} yes
 * @property {boolean} help
 * @property {RealService} [real]
 */

/** An error whose message is shown without a stack. */
export class UsageError extends Error {}

export const help = `Usage: cargo xtask demo [--port N] [--no-open] [--region eu|sg|us] [--yes]

  --port N     the port of the page (default: any free port)
  --no-open    do not open a browser
  --region R   use the real service; needs SOCIAL_PLUS_API_KEY and SOCIAL_PLUS_SERVER_KEY
  --yes        do not ask for confirmation`;

/**
 * The origins of the real service, by region. The Content-Security-Policy allows the page to call
 * only its own origin and that of the service.
 *
 * @type {Record<string, string>}
 */
const serviceOrigins = {
  eu: 'https://apix.eu.amity.co',
  sg: 'https://apix.sg.amity.co',
  us: 'https://apix.us.amity.co',
};

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Options}
 */
export function readOptions(args, env) {
  const values = parse(args);
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new UsageError(`--port must be a number from 0 to 65535 (got ${values.port}).`);
  return {
    port,
    open: !values['no-open'],
    yes: values.yes ?? false,
    help: values.help ?? false,
    real:
      values.region === undefined ? undefined : readRealService(values.region.toLowerCase(), env),
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        region: { type: 'string' },
        'no-open': { type: 'boolean' },
        yes: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    const [reason] = String(/** @type {Error} */ (error).message).split('. ');
    throw new UsageError(`${reason}.\n\n${help}`);
  }
}

/**
 * @param {string} region
 * @param {NodeJS.ProcessEnv} env
 * @returns {RealService}
 */
function readRealService(region, env) {
  const origin = Object.hasOwn(serviceOrigins, region) ? serviceOrigins[region] : undefined;
  if (!origin) throw new UsageError('--region must be eu, sg or us.');
  const { SOCIAL_PLUS_API_KEY: apiKey, SOCIAL_PLUS_SERVER_KEY: serverKey } = env;
  if (!apiKey || !serverKey)
    throw new UsageError(
      '--region needs SOCIAL_PLUS_API_KEY and SOCIAL_PLUS_SERVER_KEY in the environment. ' +
        'Without --region the demo uses an emulator.',
    );
  return { region: /** @type {Region} */ (region), origin, apiKey, serverKey };
}

/**
 * Asks for consent before the demo sends anything to the real service, and returns whether the user
 * agreed. `--yes` skips the question, and is required if standard input is not a terminal.
 *
 * @param {RealService} real
 * @param {boolean} yes
 */
export async function confirmRealService(real, yes) {
  const users = people.map((person) => person.userId).join(', ');
  console.log(
    `This uses the real service (${real.origin}). ` +
      `Signing in creates the users ${users} in your network and gives each a session.`,
  );
  if (yes) return true;
  if (!process.stdin.isTTY)
    throw new UsageError('Cannot ask for confirmation without a terminal: add --yes to confirm.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question('Continue? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}
