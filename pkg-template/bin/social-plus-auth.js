#!/usr/bin/env node
// The command line of social-plus-auth: finds the command, runs it, and says how it ended. 0: all
// is well; 1: the service said no, or a check failed; 2: it was not asked rightly, and nothing was
// sent.
import { SocialPlusError } from '../shared/error.js';
import { version } from '../shared/version.js';
import { readArguments } from './arguments.js';
import { commands, find } from './commands/index.js';
import { helpOf, overview } from './help.js';
import { line, note, printJson } from './output.js';
import { Refusal } from './refusal.js';
import { lastTrouble } from './wire.js';

/** What kept a call from being made is the caller's to mend. */
const exitCode = (error) => {
  if (error instanceof Refusal) return 2;
  return SocialPlusError.is(error) && !error.attempts && error.kind !== 'aborted' ? 2 : 1;
};

/**
 * What goes to standard error. Whatever else was thrown is told by its name alone: its message
 * might hold anything.
 */
const sentenceOf = (error) => {
  if (error instanceof Refusal) return error.message;
  if (!SocialPlusError.is(error))
    return `Something unexpected went wrong: ${error?.code ?? error?.name ?? 'it has no name'}.`;
  const { kind, message, status, code } = error;
  const facts = [
    kind,
    status && `HTTP ${status}`,
    code && `code ${code}`,
    kind === 'network' && lastTrouble(),
  ];
  return `${message} (${facts.filter(Boolean).join(', ')})`;
};

const report = (error, json) => {
  const kind = error instanceof Refusal ? 'usage' : 'unexpected';
  if (json)
    printJson(
      { error: SocialPlusError.is(error) ? error : { kind, message: sentenceOf(error) } },
      note,
    );
  else note(sentenceOf(error));
  process.exitCode = exitCode(error);
};

const main = async (args) => {
  const [first, ...rest] = args;
  if (first === undefined) throw new Refusal(overview(commands));
  if (first === '--version' || first === '-V') return line(version);
  const wanted = first === 'help' ? rest : args;
  if (wanted.length === 0 || wanted[0] === '--help' || wanted[0] === '-h')
    return line(overview(commands));
  const { command, left } = find(wanted);
  if (first === 'help' || left.includes('--help') || left.includes('-h'))
    return line(helpOf(command));
  const { values, positionals } = readArguments(command, left);
  process.exitCode = (await command.run({ values, positionals })) ?? 0;
};

// Whoever reads what is printed may have seen enough (`| head`).
process.stdout.on('error', () => process.exit());
const given = process.argv.slice(2);
main(given).catch((error) => report(error, given.includes('--json')));
