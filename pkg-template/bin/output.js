// What is printed: results to standard output, everything else to standard error, so that a pipe or
// `$(…)` gets the result alone.

/** The service's words, and an app's, are foreign: nothing in them may steer the terminal. */
const tame = (text) => String(text).replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '');

export const line = (text) => void process.stdout.write(`${tame(text)}\n`);
export const note = (text) => void process.stderr.write(`${tame(text)}\n`);

/** JSON for programs, in one line, so that it can be read as it comes. */
export const printJson = (value, print = line) => print(JSON.stringify(value));

const plain = (value) => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
};

/** A result of several fields, a line for each. */
export const printFields = (fields, json) => {
  if (json) return printJson(fields);
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) line(`${name}: ${plain(value)}`);
};
