// All commands, in the order of the help text.
import { UsageError } from '../usage-error.js';
import { admin, adminCommands } from './admin.js';
import { revoke, verify } from './access-token.js';
import { doctor } from './doctor.js';
import { emulator } from './emulator.js';
import { session } from './session.js';
import { token } from './token.js';
import { bot, visitor } from './visitor-and-bot.js';

/** @import { Command } from '../arguments.js' */

export const commands = [emulator, doctor, token, session, verify, revoke, visitor, bot, admin];

/**
 * Finds the command that the first words name, and returns it with the remaining words. Each call
 * of `admin` is a separate command.
 *
 * @param {string[]} words
 * @returns {{ command: Command, remaining: string[] }}
 */
export const findCommand = ([name, ...remaining]) => {
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw new UsageError('Unknown command. See social-plus-auth --help.');
  const [callName] = remaining;
  if (command !== admin || callName === undefined || callName.startsWith('-'))
    return { command, remaining };
  const call = adminCommands.find((candidate) => candidate.name === `admin ${callName}`);
  if (!call) throw new UsageError('Unknown admin call. See social-plus-auth admin --help.');
  return { command: call, remaining: remaining.slice(1) };
};
