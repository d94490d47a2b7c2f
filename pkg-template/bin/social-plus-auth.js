#!/usr/bin/env node
// The command line of social-plus-auth: finds the command, runs it and reports the outcome. Exit
// codes: 0 success, 1 refused by the service or failed, 2 usage error (nothing was sent).
import { SocialPlusError, version } from 'social-plus-auth/edge';
import { readArguments } from './arguments.js';
import { commands, findCommand } from './commands/index.js';
import { formatHelp, formatOverview } from './help.js';
import { getLastConnectionError } from './https-fetch.js';
import { printJson, printLine, printNote } from './output.js';
import { UsageError } from './usage-error.js';

const EXIT_CODE_FAILED = 1;
const EXIT_CODE_USAGE = 2;

/**
 * Returns the exit code for an error. If no attempt was made and the call was not aborted, the
 * library has rejected the options, which is a usage error.
 *
 * @param {unknown} error
 */
const toExitCode = (error) => {
  const isUsage =
    error instanceof UsageError ||
    (SocialPlusError.is(error) && !error.attempts && error.kind !== 'aborted');
  return isUsage ? EXIT_CODE_USAGE : EXIT_CODE_FAILED;
};

/**
 * Describes an error in one line. The messages of this package contain no secrets. Of any other
 * error, the line contains only the code or the name.
 *
 * @param {unknown} error
 */
const describe = (error) => {
  if (error instanceof UsageError) return error.message;
  if (SocialPlusError.is(error)) {
    const { kind, message, status, code } = error;
    const facts = [
      kind,
      status && `HTTP ${status}`,
      code && `code ${code}`,
      kind === 'network' && getLastConnectionError(),
    ];
    return `${message} (${facts.filter(Boolean).join(', ')})`;
  }
  if (!(error instanceof Error)) return 'Unexpected error.';
  return `Unexpected error: ${'code' in error ? error.code : error.name}.`;
};

/**
 * @param {unknown} error
 * @param {boolean} json
 */
const report = (error, json) => {
  if (json) {
    const kind = error instanceof UsageError ? 'usage' : 'unexpected';
    const shown = SocialPlusError.is(error) ? error : { kind, message: describe(error) };
    printJson({ error: shown }, printNote);
  } else {
    printNote(describe(error));
  }
  process.exitCode = toExitCode(error);
};

const HELP_FLAGS = ['--help', '-h'];

/** @param {string[]} args */
const main = async (args) => {
  const [first, ...rest] = args;
  if (first === undefined) {
    formatOverview(commands).forEach(printNote);
    process.exitCode = EXIT_CODE_USAGE;
    return;
  }
  if (first === '--version' || first === '-V') return printLine(version);
  const words = first === 'help' ? rest : args;
  if (words[0] === undefined || HELP_FLAGS.includes(words[0]))
    return formatOverview(commands).forEach(printLine);
  const { command, remaining } = findCommand(words);
  if (first === 'help' || remaining.some((word) => HELP_FLAGS.includes(word)))
    return formatHelp(command).forEach(printLine);
  process.exitCode = (await command.run(readArguments(command, remaining))) ?? 0;
};

// Exit quietly if the program that reads the pipe, such as `head`, closes it early.
process.stdout.on('error', () => process.exit());
const args = process.argv.slice(2);
main(args).catch((error) => report(error, args.includes('--json')));
