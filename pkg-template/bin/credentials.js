// Reads keys and tokens from the environment, a hidden prompt on a terminal, or a pipe.
import { promptHidden, readText } from './prompt.js';
import { UsageError } from './usage-error.js';

export const CREDENTIALS = {
  apiKey: {
    variable: 'SOCIAL_PLUS_API_KEY',
    label: 'API key',
    about: 'identifies the network; not a secret',
  },
  serverKey: {
    variable: 'SOCIAL_PLUS_SERVER_KEY',
    label: 'server key',
    about: 'mints auth tokens in secure mode',
  },
  adminToken: {
    variable: 'SOCIAL_PLUS_ADMIN_TOKEN',
    label: 'admin token',
    about: 'administers the network',
  },
  visitorSecret: {
    variable: 'SOCIAL_PLUS_VISITOR_SECRET',
    label: 'visitor secret',
    about: 'signs visitors in secure visitor mode',
  },
  accessToken: {
    variable: 'SOCIAL_PLUS_ACCESS_TOKEN',
    label: 'access token',
    about: 'the session to verify or revoke; can be piped in instead',
  },
};

/** @typedef {keyof typeof CREDENTIALS} CredentialName */

/**
 * Returns a credential from the environment, or undefined if it is not set or blank. Removes the
 * white space around it, such as the last line break of a file that contained the credential.
 *
 * @param {CredentialName} name
 */
export const readFromEnvironment = (name) =>
  process.env[CREDENTIALS[name].variable]?.trim() || undefined;

/**
 * @param {CredentialName} name
 * @param {string} how - Another way to pass the credential, appended to the message.
 * @returns {UsageError}
 */
const createMissingError = (name, how = '') => {
  const { label, variable } = CREDENTIALS[name];
  return new UsageError(`The ${label} is missing: set ${variable}${how}.`);
};

/**
 * Returns a credential that the command requires, from the environment or the terminal.
 *
 * @param {CredentialName} name
 */
export const readCredential = async (name) => {
  const given = readFromEnvironment(name);
  if (given) return given;
  if (!process.stdin.isTTY)
    throw createMissingError(name, ', or run the command on a terminal to be prompted');
  const typed = await promptHidden(`${CREDENTIALS[name].label}: `);
  if (!typed) throw createMissingError(name);
  return typed;
};

/**
 * Returns the access token from the environment, the terminal or a pipe. The pipe may contain
 * the token alone or the output of `session --json`.
 *
 * @returns {Promise<string>}
 */
export const readAccessToken = async () => {
  if (process.stdin.isTTY || readFromEnvironment('accessToken'))
    return readCredential('accessToken');
  const piped = (await readText(process.stdin)).trim();
  if (!piped) throw createMissingError('accessToken', ', or pipe the token in');
  try {
    return JSON.parse(piped).accessToken ?? piped;
  } catch {
    return piped;
  }
};

/**
 * Returns the user id: the first argument, or SOCIAL_PLUS_USER_ID. A user id that looks like a
 * key must come from the variable, because commands reject such an argument.
 *
 * @param {string[]} positionals
 */
export const readUserId = ([given]) => {
  const userId = given ?? process.env.SOCIAL_PLUS_USER_ID;
  if (!userId)
    throw new UsageError(
      '<userId> is missing: pass it as an argument, or set SOCIAL_PLUS_USER_ID.',
    );
  return userId;
};
