// Creates a command from the description of an administration call.
import { readCredential } from '../credentials.js';
import { printJson, printLine, printNote } from '../output.js';
import { CERTIFICATE_OPTIONS, readServiceOptions, SERVICE_OPTIONS } from '../service.js';

/** @import { Arguments, Command, Option, Positional } from '../arguments.js' */
/** @import { AdminOptions, AdminToken } from 'social-plus-auth/edge' */

/**
 * @template Result
 * @typedef {object} AdminCall
 * @property {string} name
 * @property {string} about
 * @property {Positional[]} [takes]
 * @property {Record<string, Option>} [options]
 * @property {string} [example] - The arguments of the example in the help text.
 * @property {(given: Arguments) => (options: AdminOptions) => Promise<Result>} prepare - Parses the
 * arguments and returns the call. The command runs `prepare` before it asks for a token.
 * @property {(result: Result, json: boolean) => void} [print] - Default: prints `done`.
 */

/**
 * @param {unknown} result
 * @param {boolean} json
 */
const printDone = (result, json) => (json ? printJson({ done: true }) : printLine('done'));

/**
 * Prints the token to standard output and its dates to standard error, or everything as JSON.
 *
 * @param {AdminToken} issued
 * @param {boolean} json
 */
export const printAdminToken = (issued, json) => {
  if (json) return printJson(issued);
  const { adminToken, issuedAt, expiresAt } = issued;
  printLine(adminToken);
  printNote(`Issued at ${issuedAt.toISOString()}, expires at ${expiresAt.toISOString()}.`);
};

/**
 * Prints the key to standard output and a note to standard error, or only the key as JSON.
 *
 * @param {string} serverKey
 * @param {boolean} json
 */
export const printServerKey = (serverKey, json) => {
  if (json) return printJson({ serverKey });
  printLine(serverKey);
  printNote(
    'Store the server key now: it is not shown again. ' +
      'The old one stays valid for its grace period.',
  );
};

/**
 * Creates the command for an administration call.
 *
 * @template Result
 * @param {AdminCall<Result>} call
 * @returns {Command}
 */
export const createAdminCommand = ({
  name,
  about,
  takes,
  options,
  example,
  prepare,
  print = printDone,
}) => ({
  name: `admin ${name}`,
  takes,
  about,
  options: { ...options, ...SERVICE_OPTIONS, ...CERTIFICATE_OPTIONS },
  reads: ['adminToken'],
  examples: [['social-plus-auth admin', name, example, '--region eu'].filter(Boolean).join(' ')],
  async run(given) {
    const call = prepare(given);
    const service = await readServiceOptions(given.values);
    const result = await call({ ...service, adminToken: await readCredential('adminToken') });
    print(result, given.flags.has('json'));
  },
});
