// Where keys and tokens come from: the environment, or a hidden prompt on a terminal.
import { ask, readAll } from './prompt.js';
import { Refusal } from './refusal.js';

export const CREDENTIALS = {
  apiKey: { variable: 'SOCIAL_PLUS_API_KEY', label: 'API key', about: 'names the network; public' },
  serverKey: {
    variable: 'SOCIAL_PLUS_SERVER_KEY',
    label: 'server key',
    about: 'mints auth tokens (secure mode)',
  },
  adminToken: {
    variable: 'SOCIAL_PLUS_ADMIN_TOKEN',
    label: 'admin token',
    about: 'administers the network',
  },
  visitorSecret: {
    variable: 'SOCIAL_PLUS_VISITOR_SECRET',
    label: 'visitor secret',
    about: 'signs visitors (secure visitor mode)',
  },
  accessToken: {
    variable: 'SOCIAL_PLUS_ACCESS_TOKEN',
    label: 'access token',
    about: 'a session, for verify and revoke; or from standard input',
  },
};

/** What the environment has, without the line break that a file may have ended with. */
export const fromEnvironment = (name) =>
  process.env[CREDENTIALS[name].variable]?.trim() || undefined;

const missing = (name, how) => {
  throw new Refusal(
    `The ${CREDENTIALS[name].label} is missing: set ${CREDENTIALS[name].variable}${how}.`,
  );
};

/** A key that the command cannot do without. */
export const credential = async (name) => {
  const given = fromEnvironment(name);
  if (given) return given;
  if (!process.stdin.isTTY) missing(name, ' (there is no terminal to ask on)');
  return (await ask(`${CREDENTIALS[name].label}: `)) || missing(name, '');
};

/** An access token, which another command may have piped in. */
export const accessToken = async () => {
  if (process.stdin.isTTY || fromEnvironment('accessToken')) return credential('accessToken');
  const piped = (await readAll(process.stdin)).trim();
  if (!piped) missing('accessToken', ', or pipe it in (there is no terminal to ask on)');
  // `session --json` may have been piped in as it is.
  try {
    return JSON.parse(piped).accessToken ?? piped;
  } catch {
    return piped;
  }
};

/** Who is signed in: an argument, or the variable for ids that look like keys. */
export const userIdOf = ([given]) => {
  const userId = given ?? process.env.SOCIAL_PLUS_USER_ID;
  if (!userId) throw new Refusal('<userId> is missing: name the user, or set SOCIAL_PLUS_USER_ID.');
  return userId;
};
