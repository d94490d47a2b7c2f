// Parses the arguments of one command and checks them against its declaration. The error messages
// repeat no value from the command line, because it could be a secret.
import { parseArgs } from 'node:util';
import { rejectSecrets } from './argument-secrets.js';
import { UsageError } from './usage-error.js';

/**
 * @typedef {object} Option
 * @property {'string' | 'boolean'} type
 * @property {string} about - The description in help texts.
 * @property {string} [hint] - The placeholder for the value in help texts, like `SECONDS`.
 * @property {string} [short] - The one-letter form.
 * @property {boolean} [multiple] - Whether the option may be repeated.
 */

/**
 * @typedef {object} Positional
 * @property {string} name - Like `<userId>`.
 * @property {boolean} [optional]
 */

/**
 * A command as its module declares it.
 *
 * @typedef {object} Command
 * @property {string} name
 * @property {string} about - One sentence, which the list of commands shows too.
 * @property {string[]} [notes] - Further sentences for the command's own help.
 * @property {Positional[]} [takes] - The positional arguments.
 * @property {Record<string, Option>} options
 * @property {import('./credentials.js').CredentialName[]} [reads] - The credentials that the
 *   command may read.
 * @property {string[]} examples
 * @property {Pick<Command, 'name' | 'about' | 'takes'>[]} [calls] - The subcommands.
 * @property {(given: Arguments) => void | Promise<number | void>} run - Returns the exit code, or
 *   nothing for 0.
 */

/** @typedef {Partial<Record<string, string>>} Values */

/**
 * @typedef {object} Arguments
 * @property {Set<string>} flags - The names of the boolean options that are present.
 * @property {Values} values - The string options that take one value.
 * @property {Partial<Record<string, string[]>>} lists - The string options that may be repeated.
 * @property {string[]} positionals
 */

/** @type {Record<string, Option>} */
const COMMON_OPTIONS = {
  json: { type: 'boolean', about: 'print JSON' },
  help: { type: 'boolean', about: 'print this help', short: 'h' },
};

/**
 * Parses the arguments. Throws a {@link UsageError} if they contain a secret, or do not match the
 * declaration of the command.
 *
 * @param {Command} command
 * @param {string[]} args
 * @returns {Arguments}
 */
export const readArguments = (command, args, env = process.env) => {
  rejectSecrets(args, env);
  const seeHelp = `See social-plus-auth ${command.name} --help.`;
  /** @type {Record<string, Option>} */
  const options = { ...command.options, ...COMMON_OPTIONS };
  // The errors of parseArgs would repeat the user's input, which can be a secret. Therefore
  // parseArgs only splits the arguments, and the code below checks them.
  const { positionals, tokens } = parseArgs({
    args,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type, short }]) => [
        name,
        short ? { type, short } : { type },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  /** @type {Arguments} */
  const given = { flags: new Set(), values: {}, lists: {}, positionals };
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) {
      const isPlainName = /^[a-z][a-z-]{0,30}$/.test(name);
      throw new UsageError(`Unknown option${isPlainName ? ` --${name}` : ''}. ${seeHelp}`);
    }
    if (option.type === 'boolean') {
      if (value !== undefined) throw new UsageError(`--${name} takes no value. ${seeHelp}`);
      given.flags.add(name);
      continue;
    }
    // A separate argument that begins with a dash is probably the next option, not the value.
    if (!value || (value.startsWith('-') && !inlineValue))
      throw new UsageError(`--${name} needs a value (${option.hint}). ${seeHelp}`);
    if (option.multiple) {
      (given.lists[name] ??= []).push(value);
      continue;
    }
    // An argument that an attacker chooses must not replace an option that the script passes.
    if (name in given.values) throw new UsageError(`--${name} is given twice. ${seeHelp}`);
    given.values[name] = value;
  }
  checkPositionals(command, positionals, seeHelp);
  return given;
};

/**
 * @param {Command} command
 * @param {string[]} positionals
 * @param {string} seeHelp
 */
const checkPositionals = ({ name, takes = [] }, { length }, seeHelp) => {
  const missing = takes.slice(length).find(({ optional }) => !optional);
  if (missing) throw new UsageError(`${missing.name} is missing. ${seeHelp}`);
  if (length > takes.length) {
    throw new UsageError(
      `Too many arguments: social-plus-auth ${name} takes ${takes.length || 'none'} ` +
        `(got ${length}). ${seeHelp}`,
    );
  }
};
