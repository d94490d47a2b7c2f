// Asks for secrets on a terminal without echo, and reads texts from pipes and files.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** The maximum number of characters of a pipe or a file, far above any token or certificate. */
export const MAX_TEXT_LENGTH = 1 << 20;

/** The exit code that shells give a program that SIGINT (signal 2) ended: 128 + 2. */
const EXIT_CODE_SIGINT = 130;

/**
 * Asks a question on the terminal and hides the answer. The question goes to standard error,
 * because standard output may be piped. Resolves to an empty text if the user types nothing.
 *
 * @param {string} question
 * @returns {Promise<string>}
 */
export const promptHidden = (question) =>
  new Promise((resolve) => {
    const hidden = new Writable({ write: (chunk, encoding, done) => done() });
    const terminal = createInterface({ input: process.stdin, output: hidden, terminal: true });
    // The interface has turned off the echo. Ask only now, so that nothing is typed visibly.
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
    // readline catches Ctrl-C, so end the process here.
    terminal.once('SIGINT', () => {
      end();
      process.exit(EXIT_CODE_SIGINT);
    });
    terminal.once('close', () => resolve(answer));
  });

/**
 * Reads a stream to its end, or until {@link MAX_TEXT_LENGTH} is exceeded.
 *
 * @param {import('node:stream').Readable} stream
 */
export const readText = async (stream) => {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_TEXT_LENGTH) break;
  }
  return text;
};
