// The help texts, made of what the commands say of themselves.
import { CREDENTIALS } from './credentials.js';

const columns = (rows) => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 3;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
};

/** All commands, a line each. */
export const overview = (commands) =>
  [
    'Usage: social-plus-auth <command> [options]',
    '',
    ...columns(commands.map(({ name, about }) => [name, about])),
    '',
    'Every command has --help, with examples, and --json. Keys come from the environment, or are asked for on a terminal and',
    'not shown; they are never arguments:',
    '',
    ...columns(Object.values(CREDENTIALS).map(({ variable, about }) => [variable, about])),
    '',
    'Exit codes: 0 all is well, 1 the service said no or a check failed, 2 the command was not asked rightly.',
  ].join('\n');

const spelled = ([name, { short, hint }]) =>
  [short && `-${short}, `, `--${name}`, hint && ` ${hint}`].filter(Boolean).join('');

/** One command. */
export const helpOf = ({
  name,
  takes = [],
  about,
  options = {},
  reads = [],
  notes = [],
  examples,
  calls,
}) => {
  const positionals = takes.map(({ name: argument, optional }) =>
    optional ? `[${argument}]` : argument,
  );
  const shown = [...Object.entries(options), ['json', { about: 'print JSON' }]];
  const variables = reads.map((credential) => [
    CREDENTIALS[credential].variable,
    CREDENTIALS[credential].about,
  ]);
  return [
    `Usage: social-plus-auth ${[name, ...positionals, '[options]'].join(' ')}`,
    '',
    about,
    ...notes,
    ...(calls
      ? [
          '',
          ...columns(
            calls.map((call) => [
              [call.name, ...(call.takes ?? []).map((argument) => argument.name)].join(' '),
              call.about,
            ]),
          ),
        ]
      : []),
    '',
    ...columns(shown.map((option) => [spelled(option), option[1].about])),
    ...(variables.length
      ? [
          '',
          'Environment (a key that is needed and missing is asked for on a terminal):',
          ...columns(variables),
        ]
      : []),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
};
