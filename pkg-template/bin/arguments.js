// Reads the arguments of one command. Keys and tokens are not among them: other users of the
// machine see them in its list of processes, and shells write them down. What looks like one is
// refused, and nothing that was typed is repeated.
import { parseArgs } from 'node:util';
import { CREDENTIALS } from './credentials.js';
import { Refusal } from './refusal.js';

/** Options that people try. */
const FORBIDDEN =
  /^-*(api|server|access|auth|admin|refresh|visitor|app)?-?(key|token|secret|signature|password|bearer|cookie)(=|$)/i;

/**
 * Nobody types these: JWTs, what PEM begins with, and long words of letters and digits. A user id
 * may be as long as a UUID or a SHA-1.
 */
const isKey = (word) =>
  /^eyJ[\w-]+\./.test(word) || (/^[A-Za-z\d]{42,}$/.test(word) && /\d/.test(word));

const holdsKey = (argument, env) =>
  argument.includes('-----BEGIN') ||
  argument.split(/[^\w.-]+/).some(isKey) ||
  Object.values(CREDENTIALS).some(
    ({ variable }) => env[variable]?.length >= 8 && argument.includes(env[variable]),
  );

const refuseKeys = (args, env) => {
  const variables = Object.values(CREDENTIALS).map(({ variable }) => variable);
  for (const argument of args) {
    if (FORBIDDEN.test(argument) && argument.startsWith('-')) {
      throw new Refusal(
        `Keys and tokens are no arguments here: others on this machine could read them. Set ${variables.join(', ')}, or be asked on a terminal.`,
      );
    }
    if (holdsKey(argument, env)) {
      throw new Refusal(
        'One of the arguments looks like a key or a token. Those are never arguments: others on this machine could read them. ' +
          `Set ${variables.join(', ')}, or be asked on a terminal. (A user id that only looks like one goes into SOCIAL_PLUS_USER_ID.)`,
      );
    }
  }
};

const COMMON = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };

/** The values and the positionals, all of them known to the command. */
export const readArguments = (command, args, env = process.env) => {
  refuseKeys(args, env);
  const see = `See social-plus-auth ${command.name} --help.`;
  const options = { ...command.options, ...COMMON };
  const known = Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple = false }]) => [
      name,
      { type, multiple, ...(short && { short }) },
    ]),
  );
  // Not strict: parseArgs would repeat what was typed.
  const { values, positionals, tokens } = parseArgs({
    args,
    options: known,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = options[token.name];
    const name = /^[a-z][a-z-]{0,30}$/.test(token.name) ? ` --${token.name}` : '';
    if (!option) throw new Refusal(`There is no such option${name}. ${see}`);
    if (option.type === 'boolean' && token.value !== undefined)
      throw new Refusal(`--${token.name} takes no value. ${see}`);
    // A value that begins with a dash is more likely the next option.
    if (
      option.type === 'string' &&
      (!token.value || (token.value.startsWith('-') && !token.inlineValue))
    ) {
      throw new Refusal(`--${token.name} needs a value (${option.hint}). ${see}`);
    }
  }
  const { takes = [] } = command;
  const least = takes.filter(({ optional }) => !optional).length;
  if (positionals.length < least)
    throw new Refusal(`${takes[positionals.length].name} is missing. ${see}`);
  if (positionals.length > takes.length)
    throw new Refusal(
      `There are more arguments than social-plus-auth ${command.name} takes. ${see}`,
    );
  return { values, positionals };
};

/** The number that an option was given. */
export const number = (values, name, least = 0, most = Number.MAX_SAFE_INTEGER) => {
  if (values[name] === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(values[name]) ? Number(values[name]) : NaN;
  if (!(value >= least && value <= most))
    throw new Refusal(
      `--${name} takes a number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ''}.`,
    );
  return value;
};

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The milliseconds of an option like `90s`, `15m`, `24h`, `30d`. */
export const duration = (values, name) => {
  if (values[name] === undefined) return undefined;
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(values[name]) ?? [];
  if (!(count > 0)) throw new Refusal(`--${name} takes a time like 90s, 15m, 24h or 30d.`);
  return count * UNITS[unit];
};

/** What `on` and `off` mean. */
export const onOff = (text, name) => {
  if (text !== 'on' && text !== 'off') throw new Refusal(`${name} is either on or off.`);
  return text === 'on';
};
