// Adds the mutants of Stryker to the files of a package, each behind a switch, and writes the list
// of the mutants. The arguments are the folder of the package, the path of the list, and the files.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** The maximum length of the code in a description. */
const MAX_CODE_LENGTH = 60;
const log = { debug() {}, info() {}, isDebugEnabled: () => false };

/** Puts the code on one line, and cuts it. */
const shorten = (code) => {
  const line = code.replace(/\s+/g, ' ').trim();
  return line.length > MAX_CODE_LENGTH ? `${line.slice(0, MAX_CODE_LENGTH - 1)}…` : line;
};

/** Returns the code at a location, whose lines and columns start at 0. */
const cut = (source, { start, end }) => {
  const lines = source.split('\n').slice(start.line, end.line + 1);
  lines.push(lines.pop().slice(0, end.column));
  lines[0] = lines[0].slice(start.column);
  return lines.join('\n');
};

const [folder, list, ...names] = argv.slice(2);
const sources = new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
const options = { plugins: null, ignorers: [], excludedMutations: [] };
const { files, mutants } = await new Instrumenter(log).instrument(
  [...sources].map(([name, content]) => ({ name, content, mutate: true })),
  options,
);
for (const { name, content } of files) writeFileSync(join(folder, name), content);

// The position in the list is the number of the switch. Line numbers shift with every edit, so a
// key consists of code. A number tells equal keys apart.
const counts = new Map();
const entries = mutants.map(({ fileName, location, replacement }) => {
  const { line, column } = location.start;
  const code = shorten(cut(sources.get(fileName), location));
  const change = `replace ${code} with ${shorten(replacement)}`;
  const key = `${fileName}: ${change}`;
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return {
    file: fileName,
    name: `${fileName}:${line + 1}:${column + 1}: ${change}`,
    key: count > 1 ? `${key} (${count})` : key,
  };
});
writeFileSync(list, JSON.stringify(entries));
