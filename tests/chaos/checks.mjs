// What must hold at the end of an episode, after the network has recovered.
import { TOKEN_LIFETIME_MS } from '../tabs/browser.mjs';
import { callAllWhileAdvancing } from '../tabs/deaths.mjs';
import { readCounts } from '../tabs/messages.mjs';
import { HOUR_MS, MINUTE_MS } from './plan.mjs';

/** The longest pause that a client believes is an hour. */
const RECOVERY_MS = [1000, 6000, 35_000, 6 * MINUTE_MS, HOUR_MS + MINUTE_MS, 1000, HOUR_MS];
const SETTLE_TIMEOUT_MS = 20_000;
const REST_MS = 300;
const MAX_RESTS = 10;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const recover = async (episode) => {
  await episode.calm();
  for (const ms of RECOVERY_MS) await episode.world.advance(ms);
  const calls = [...episode.pending].map(({ call }) => call);
  await Promise.race([Promise.all(calls), pause(SETTLE_TIMEOUT_MS)]);
  for (const { about } of episode.pending) episode.violate(`a call did not settle: ${about}`);
};

const countDifferent = (list) => new Set(list.map((each) => JSON.stringify(each))).size;

/** All tabs agree on a state and a user. If somebody is signed in, all have one valid token. */
const checkAgreement = async ({ world, violate }, when) => {
  await callAllWhileAdvancing(world, 'token');
  await world.advance(1000);
  const snapshots = await world.callAll('snapshot');
  if (countDifferent(snapshots) > 1)
    violate(`the tabs disagree ${when}: ${JSON.stringify(snapshots)}`);
  if (!snapshots.every(({ state }) => state === 'established')) return snapshots[0];
  const tokens = await callAllWhileAdvancing(world, 'token');
  if (countDifferent(tokens) > 1) violate(`the tabs have different tokens ${when}: ${tokens}`);
  const statuses = await callAllWhileAdvancing(world, 'fetchStatus');
  if (statuses.some((status) => status !== 200))
    violate(`requests with the token fail ${when}: ${statuses}`);
  return snapshots[0];
};

/** What the user did last has come true. */
const checkIntent = ({ world, intent, violate }, { state, userId }) => {
  if (!intent?.isAlone) return;
  const { kind, outcome, excuses } = intent;
  if (kind === 'logout' && String(outcome).startsWith('revoked')) {
    if (state !== 'notLoggedIn') violate(`${state} after a logout`);
    const valid = world.site.service.sessions().filter((session) => session.valid);
    if (outcome === 'revoked true' && valid.length && !excuses.length)
      violate(`sessions of ${valid.map((session) => session.userId)} are valid after a logout`);
  }
  if (kind === 'login' && outcome === intent.userId && !excuses.length)
    if (state !== 'established' || userId !== intent.userId)
      violate(`${state} as ${userId} after a login of ${intent.userId}`);
};

/** With a month in between, the tabs renew once. */
const checkRenewal = async (episode, { locks }) => {
  const { world, violate } = episode;
  const before = episode.sessionRequests;
  await world.advance(TOKEN_LIFETIME_MS);
  const { state } = await checkAgreement(episode, 'after a month');
  if (state !== 'established') violate(`${state} after a month without accidents`);
  const requests = episode.sessionRequests - before;
  if (requests > (locks ? 1 : 2)) violate(`${requests} session requests for one renewal`);
};

const checkRest = async ({ world, violate }) => {
  let counts;
  for (let rest = 0; rest < MAX_RESTS; rest += 1) {
    await world.callAll('settle');
    const now = String(await readCounts(world));
    if (now === counts) return;
    counts = now;
    await pause(REST_MS);
  }
  violate(`the tabs go on sending messages: ${counts}`);
};

/** Recovers, and checks everything. */
export const check = async (episode, plan) => {
  await recover(episode);
  await checkRest(episode);
  const snapshot = await checkAgreement(episode, 'after the recovery');
  checkIntent(episode, snapshot);
  if (snapshot.state === 'established') await checkRenewal(episode, plan);
  await checkRest(episode);
  for (const { errors } of await episode.world.callAll('observations'))
    for (const error of errors) episode.violate(`a page reported: ${error}`);
};
