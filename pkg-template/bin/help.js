// Formats the help texts, as lists of lines, from the declarations of the commands.
import { CREDENTIALS } from './credentials.js';

/** @import { Command, Option, Positional } from './arguments.js' */

const MAX_WIDTH = 100;

/**
 * Breaks a text into lines at its spaces.
 *
 * @param {string} text
 * @param {number} maxLength
 */
const wrap = (text, maxLength) => {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line && line.length + 1 + word.length > maxLength) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
};

/**
 * Aligns rows of a left and a right column, and wraps the right one.
 *
 * @param {string[][]} rows
 */
const formatColumns = (rows) => {
  const width = Math.max(...rows.map(([left = '']) => left.length)) + 3;
  return rows.flatMap(([left = '', right = '']) =>
    wrap(right, MAX_WIDTH - 2 - width).map(
      (line, index) => `  ${(index === 0 ? left : '').padEnd(width)}${line}`,
    ),
  );
};

/**
 * Formats the overview: the commands, the environment variables and the exit codes.
 *
 * @param {Command[]} commands
 */
export const formatOverview = (commands) => [
  'Usage: social-plus-auth <command> [options]',
  '',
  ...formatColumns(commands.map(({ name, about }) => [name, about])),
  '',
  'Run a command with --help for its options and examples, or with --json for JSON output.',
  '',
  'Keys and tokens come from environment variables (an access token can also be piped in) and are',
  'never arguments. On a terminal, a command asks for one that it requires, and hides your input.',
  '',
  ...formatColumns(Object.values(CREDENTIALS).map(({ variable, about }) => [variable, about])),
  '',
  'Exit codes: 0 success, 1 refused by the service or failed, 2 usage error (nothing was sent).',
];

/** @param {[string, Option]} option */
const formatOption = ([name, { short, hint }]) =>
  [short && `-${short}, `, `--${name}`, hint && ` ${hint}`].filter(Boolean).join('');

/** @param {Positional} positional */
const formatPositional = ({ name, optional }) => (optional ? `[${name}]` : name);

/**
 * @param {string} name
 * @param {Positional[]} positionals
 * @param {string[]} rest
 */
const formatSyntax = (name, positionals = [], rest = []) =>
  [name, ...positionals.map(formatPositional), ...rest].join(' ');

/**
 * Formats the help of one command.
 *
 * @param {Command} command
 */
export const formatHelp = (command) => {
  const { name, takes, about, notes = [], calls = [], options, reads = [], examples } = command;
  /** @type {[string, Option][]} */
  const shown = [...Object.entries(options), ['json', { type: 'boolean', about: 'print JSON' }]];
  const lines = [
    `Usage: social-plus-auth ${formatSyntax(name, takes, ['[options]'])}`,
    '',
    about,
    ...notes,
  ];
  if (calls.length > 0)
    lines.push(
      '',
      ...formatColumns(calls.map((call) => [formatSyntax(call.name, call.takes), call.about])),
    );
  lines.push('', ...formatColumns(shown.map((option) => [formatOption(option), option[1].about])));
  if (reads.length > 0)
    lines.push(
      '',
      'Environment variables (on a terminal, the command asks for one that it requires):',
      ...formatColumns(
        reads.map((credential) => [
          CREDENTIALS[credential].variable,
          CREDENTIALS[credential].about,
        ]),
      ),
    );
  lines.push('', 'Examples:', ...examples.map((example) => `  ${example}`));
  return lines;
};
