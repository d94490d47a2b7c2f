// Rejects keys and tokens among the arguments: other users of the machine can see the arguments of
// a process in the process list, and shells store them in their history.
import { CREDENTIALS } from './credentials.js';
import { UsageError } from './usage-error.js';

/** Matches options with which people may try to pass a secret. */
const SECRET_OPTION = new RegExp(
  '^-+(api|server|access|auth|admin|refresh|visitor|app)?-?' +
    '(key|token|secret|signature|password|bearer|cookie)(=|$)',
  'i',
);

/** A shorter key from the environment could occur in an ordinary argument by accident. */
const MIN_KEY_LENGTH = 8;

/**
 * Returns whether the word looks like a JWT, or consists of at least 42 letters and digits. Shorter
 * words of letters and digits pass, because a user id can be a UUID or a SHA-1 hash.
 *
 * @param {string} word
 */
const isKeyLike = (word) =>
  /^eyJ[\w-]+\./.test(word) || (/^[A-Za-z\d]{42,}$/.test(word) && /\d/.test(word));

/**
 * @param {string} argument
 * @param {NodeJS.ProcessEnv} env
 */
const hasSecret = (argument, env) =>
  argument.includes('-----BEGIN') ||
  argument.split(/[^\w.-]+/).some(isKeyLike) ||
  Object.values(CREDENTIALS).some(({ variable }) => {
    const key = env[variable] ?? '';
    return key.length >= MIN_KEY_LENGTH && argument.includes(key);
  });

/**
 * Throws a {@link UsageError} if an argument is an option for a secret, or contains a key from the
 * environment or a text that looks like a secret.
 *
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export const rejectSecrets = (args, env) => {
  const variables = Object.values(CREDENTIALS).map(({ variable }) => variable);
  const advice =
    `Use an environment variable (${variables.join(', ')}), or run the command on a terminal, ` +
    'where it asks for missing keys.';
  if (args.some((argument) => SECRET_OPTION.test(argument))) {
    throw new UsageError(
      'Keys and tokens cannot be passed as options: ' +
        `other users of this machine could read them. ${advice}`,
    );
  }
  if (args.some((argument) => hasSecret(argument, env))) {
    throw new UsageError(
      'An argument looks like a key or a token: other users of this machine could read it. ' +
        `${advice} (If it is a user id, set SOCIAL_PLUS_USER_ID.)`,
    );
  }
};
