// All commands, in the order in which the help names them. `admin` is a family: each of its calls
// is a command of its own.
import { Refusal } from '../refusal.js';
import { admin, adminCalls } from './admin.js';
import { doctor } from './doctor.js';
import { emulator } from './emulator.js';
import { bot, visitor } from './guests.js';
import { session } from './session.js';
import { revoke, verify } from './standing.js';
import { token } from './token.js';

export const commands = [emulator, doctor, token, session, verify, revoke, visitor, bot, admin];

const named = (list, name) => list.find((command) => command.name === name);

/** The command that the arguments begin with, and what is left of them. */
export const find = ([name, ...left]) => {
  const command = named(commands, name);
  if (!command) throw new Refusal('There is no such command. See social-plus-auth --help.');
  if (command !== admin || left.length === 0 || left[0].startsWith('-')) return { command, left };
  const call = named(adminCalls, `admin ${left[0]}`);
  if (!call)
    throw new Refusal("There is no such administrator's call. See social-plus-auth admin --help.");
  return { command: call, left: left.slice(1) };
};
