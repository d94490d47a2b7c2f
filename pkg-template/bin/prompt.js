// Asks on the terminal, and shows nothing of the answer.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** The largest text that is read from a pipe: no token comes near. */
const LIMIT = 1 << 20;

/**
 * The question goes to standard error, since standard output may be somebody's pipe. An empty text
 * if there is no answer.
 */
export const ask = (question) =>
  new Promise((resolve) => {
    const nowhere = new Writable({ write: (chunk, encoding, done) => done() });
    const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
    // Only now: whatever is typed earlier the terminal shows by itself.
    process.stderr.write(question);
    let answer = '';
    const end = () => {
      terminal.close();
      process.stderr.write('\n');
    };
    terminal.once('line', (text) => {
      answer = text.trim();
      end();
    });
    // Ctrl-C means the whole command, as it does everywhere else.
    terminal.once('SIGINT', () => {
      end();
      process.exit(130);
    });
    terminal.once('close', () => resolve(answer));
  });

/** All that a pipe brings. */
export const readAll = async (stream) => {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LIMIT) break;
  }
  return text;
};
