// Writes the page with the table of the scenarios.
import { writeFile } from 'node:fs/promises';

const target = new URL('../../docs/scenarios.md', import.meta.url);

const INTRODUCTION = `# Scenarios

Users of comparable clients reported the faults behind these scenarios. Scenarios 18 to 21 are about
faults of the official SDK. Each scenario states a requirement of this library, so the table does
not rank its peers, which may have other goals. Each runs as a small script in pages of Chromium (10
in Node), with this library and with its peers:

\`\`\`sh
cargo xtask assure board
\`\`\`

The command writes this page. The scripts in \`tests/board/\` turn the clocks of the pages and of
the backend. Each candidate runs as its documentation shows, with these choices:

- This library and \`@amityco/ts-sdk\` talk to the emulator in secure mode. The other two talk to
  small stand-ins for their services, with sessions of an hour and refresh tokens that rotate. A
  used refresh token still works for ten seconds.
- The options of this library and of \`@auth0/auth0-spa-js\` select \`localStorage\`.
- The official SDK signs out with \`secureLogout\`, because its \`logout\` revokes nothing.
- \`@supabase/auth-js\` signs out with the scope \`local\`. It warns if one page has several
  clients, as in scenario 12.
- \`@auth0/auth0-spa-js\` signs in and out without leaving the page (\`openUrl\`). A logout that
  leaves the page would usually abort the renewal of scenario 7.
- The tab of scenario 2 is frozen over DevTools. Chromium itself does not freeze a page that holds a
  Web Lock; other browsers may.
- The CSP of scenario 15 allows \`'wasm-unsafe-eval'\`, which this library needs.

"Not measured" means that a script did not reach a verdict.
`;

/** Breaks a text into lines of at most 100 columns. */
const wrap = (text) =>
  text
    .split(' ')
    .reduce(
      (lines, word) =>
        `${lines.at(-1)} ${word}`.length > 97
          ? [...lines, word]
          : [...lines.slice(0, -1), `${lines.at(-1)} ${word}`.trim()],
      [''],
    )
    .join('\n    ');

const format = ({ outcome, text }, notes) => {
  if (!text) return outcome;
  notes.push(text);
  return `${outcome} (${notes.length})`;
};

/** Writes the page. Long texts become numbered notes below the table. */
export const writePage = async (candidates, rows) => {
  const notes = [];
  const head = ['', 'scenario', ...candidates.map(({ name, version }) => `${name} ${version}`)];
  const lines = rows.map(({ scenario, cells }) => [
    scenario.id,
    scenario.title,
    ...cells.map((cell) => format(cell, notes)),
  ]);
  const table = [head, head.map(() => '---'), ...lines].map((row) => `| ${row.join(' | ')} |`);
  const list = notes.map((text, n) =>
    wrap(`${n + 1}. ${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`),
  );
  await writeFile(
    target,
    `${INTRODUCTION}\n${table.join('\n')}\n\n## Observations\n\n${list.join('\n')}\n`,
  );
};
