// Prints results to standard output and everything else to standard error, so that a pipe or
// `$(…)` receives only the result.

/**
 * Matches characters that move the cursor, start a line, change the direction of writing, or have
 * no width. Also matches lone surrogates.
 */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** @param {string} unit */
const escapeUnit = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Replaces control characters with escapes like `\u202e`, so that a text from the service or an app
 * cannot control the terminal or forge a line. JSON has the same escapes, so a JSON text still
 * stands for the same value.
 *
 * @param {string} text
 */
const escapeControls = (text) =>
  text.replace(CONTROL, (control) => control.replace(/[^]/g, escapeUnit));

/**
 * Prints one line. Escapes control characters, line breaks included.
 *
 * @param {string} text
 */
export const printLine = (text) => void process.stdout.write(`${escapeControls(text)}\n`);

/**
 * Prints one line to standard error. Escapes control characters, line breaks included.
 *
 * @param {string} text
 */
export const printNote = (text) => void process.stderr.write(`${escapeControls(text)}\n`);

/**
 * Prints a value as one line of JSON, so that a program can parse the output line by line.
 *
 * @param {unknown} value
 */
export const printJson = (value, print = printLine) => print(JSON.stringify(value));

/** @param {unknown} value */
const toText = (value) => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
};

/**
 * Prints a result with several fields: one `name: value` line per field, or one line of JSON.
 *
 * @param {object} fields
 * @param {boolean} json
 */
export const printFields = (fields, json) => {
  if (json) return printJson(fields);
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) printLine(`${name}: ${toText(value)}`);
};
