// Records what happens in an episode, for a person who reads why it failed.
import { mkdir, writeFile } from 'node:fs/promises';

/** Creates a timeline. `counts` tells how often each kind of act and fault happened. */
export const createTimeline = () => {
  const start = performance.now();
  const lines = [];
  const counts = {};
  return {
    counts,
    /** Adds a line, and counts its kind. */
    note(kind, detail = '') {
      counts[kind] = (counts[kind] ?? 0) + 1;
      const at = String(Math.round(performance.now() - start)).padStart(7);
      lines.push(`${at} ms  ${kind.padEnd(16)}${detail}`);
    },
    /** Writes the timeline to a file. */
    async write(path) {
      await mkdir(new URL('.', path), { recursive: true });
      await writeFile(path, `${lines.join('\n')}\n`);
    },
  };
};
