// Prints results to standard output and everything else to standard error, so that a pipe or
// `$(…)` receives only the result.

/**
 * Removes control characters, so that a text from the service or an app cannot control the
 * terminal.
 *
 * @param {string} text
 */
const stripControls = (text) => text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '');

/** @param {string} text */
export const printLine = (text) => void process.stdout.write(`${stripControls(text)}\n`);

/** @param {string} text */
export const printNote = (text) => void process.stderr.write(`${stripControls(text)}\n`);

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
 * Prints a result with several fields: one `name: value` line for each, or one line of JSON.
 *
 * @param {object} fields
 * @param {boolean} json
 */
export const printFields = (fields, json) => {
  if (json) return printJson(fields);
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) printLine(`${name}: ${toText(value)}`);
};
