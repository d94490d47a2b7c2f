// The conformance suite. It takes the library as an argument and runs on any engine: a runner
// passes the packed package and prints the results.
import { runTests } from './harness.mjs';
import vectors from './vectors.mjs';
import options from './options.mjs';
import endpoints from './endpoints.mjs';
import limits from './limits.mjs';
import errors from './errors.mjs';
import errorObjects from './error-objects.mjs';
import hostile from './hostile.mjs';
import hostileArguments from './hostile-arguments.mjs';
import bodies from './bodies.mjs';
import invalidBodies from './invalid-bodies.mjs';
import transport from './transport.mjs';
import responses from './responses.mjs';
import retries from './retries.mjs';
import aborts from './aborts.mjs';
import sessions from './sessions.mjs';
import roundTrip from './round-trip.mjs';
import modes from './modes.mjs';
import verdicts from './verdicts.mjs';
import administration from './administration.mjs';
import signatures from './signatures.mjs';
import handler from './handler.mjs';
import handlerOrigins from './handler-origins.mjs';
import handlerLimits from './handler-limits.mjs';
import handlerOptions from './handler-options.mjs';
import handlerFaults from './handler-faults.mjs';
import handlerHostile from './handler-hostile.mjs';
import handlerRefusals from './handler-refusals.mjs';
import handlerPollution from './handler-pollution.mjs';
import handlerBodies from './handler-bodies.mjs';
import handlerCrowd from './handler-crowd.mjs';
import emulatorTopic from './emulator.mjs';
import sessionStates from './session-states.mjs';
import sessionAuthTokens from './session-auth-tokens.mjs';
import sessionLogin from './session-login.mjs';
import sessionResume from './session-resume.mjs';
import sessionRenewal from './session-renewal.mjs';
import sessionEnds from './session-ends.mjs';
import sessionClock from './session-clock.mjs';
import sessionErrors from './session-errors.mjs';
import sessionEvents from './session-events.mjs';
import sessionFetch from './session-fetch.mjs';
import sessionReplays from './session-replays.mjs';
import sessionLeaving from './session-leaving.mjs';
import sessionSharing from './session-sharing.mjs';
import sessionLessons from './session-lessons.mjs';
import live from './live.mjs';
import secrets from './secrets.mjs';

const topics = {
  vectors,
  options,
  endpoints,
  limits,
  errors,
  errorObjects,
  hostile,
  hostileArguments,
  bodies,
  invalidBodies,
  transport,
  responses,
  retries,
  aborts,
  sessions,
  roundTrip,
  modes,
  verdicts,
  administration,
  signatures,
  handler,
  handlerOrigins,
  handlerLimits,
  handlerOptions,
  handlerFaults,
  handlerHostile,
  handlerRefusals,
  handlerPollution,
  handlerBodies,
  handlerCrowd,
  emulator: emulatorTopic,
  sessionStates,
  sessionAuthTokens,
  sessionLogin,
  sessionResume,
  sessionRenewal,
  sessionEnds,
  sessionClock,
  sessionErrors,
  sessionEvents,
  sessionFetch,
  sessionReplays,
  sessionLeaving,
  sessionSharing,
  sessionLessons,
  live,
  secrets,
};

/**
 * Lists the tests of all topics. `browser`, `edge` (absent in a browser) and `emulator` are the
 * namespaces of the three entries. `vectors` is the content of vectors.json. `engine` describes the
 * engine: `inspect` formats a value as its console does, `isWorker` is set if a client lives for
 * only one request, and `live` holds the addresses and keys of real servers (live-servers.mjs).
 */
export const listTests = ({ browser, edge, emulator, vectors, engine = {} }) => {
  const tests = [];
  for (const [topic, define] of Object.entries(topics)) {
    define({
      test: (name, body) => tests.push({ name: `${topic} · ${name}`, body }),
      lib: { browser, edge, emulator },
      vectors,
      engine,
    });
  }
  return tests;
};

/** Runs the tests of all topics, and returns the results. */
export const run = (input) => runTests(listTests(input));
