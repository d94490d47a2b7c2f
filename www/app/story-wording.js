// What the entries of the story mean, in plain words.

const reasons = {
  globalBan: 'the user is banned',
  userDeleted: 'the user is deleted',
  unauthorized: 'the service refuses the session',
};

export const teller = (tab) => (tab === 'service' ? 'social.plus' : `Tab ${tab}`);

const sentences = {
  state: ({ state, reason }) => (reason ? `${state}: ${reasons[reason] ?? reason}` : state),
  renewed: ({ byThisTab }) =>
    byThisTab ? 'renewed the session, for all tabs' : 'took over what another tab renewed',
  failed: ({ error, nextAttemptAt, at }) =>
    `could not renew: ${error}${nextAttemptAt > at ? `; tries again in ${roughly(nextAttemptAt - at)}` : ''}`,
  closed: () => 'closed',
  session: ({ status, isLost }) =>
    isLost
      ? 'made a session, and its answer got lost'
      : status === 200
        ? 'made a session'
        : `refused a session: ${status || 'no answer'}`,
};
const worldSentences = {
  turn: ({ name }) => `${name} went by`,
  away: () => 'The network is gone',
  back: () => 'The network is back',
  losing: () => 'The next session’s answer will get lost',
  keeping: () => 'Answers arrive again',
  ban: ({ who }) => `The service bans ${who}`,
  unban: ({ who }) => `The service lifts the ban of ${who}`,
};

export const tell = (entry) =>
  worldSentences[entry.kind]?.(entry) ?? `${teller(entry.tab)}: ${sentences[entry.kind](entry)}`;

/** What is worth saying aloud; of the rest the list tells. */
export function headline({ kind, tab, byThisTab, error, name, who, state, reason }) {
  if (kind === 'turn') return `${name} went by.`;
  if (kind === 'renewed')
    return byThisTab ? `${teller(tab)} renewed the session, for all tabs.` : undefined;
  if (kind === 'failed')
    return `${teller(tab)} could not renew (${error}). Nobody is signed out by that.`;
  if (kind === 'state' && state === 'tokenExpired')
    return 'The token has expired. It is renewed as soon as the service can be asked.';
  if (kind === 'state' && state === 'terminated')
    return `The service ended the session in every tab: ${reasons[reason] ?? reason}.`;
  if (kind === 'away') return 'No network: turn the clock, and see what the tabs make of it.';
  if (kind === 'back') return 'The network is back.';
  if (kind === 'losing')
    return 'The next session will be made, and nobody will hear of it: press Renew, or turn the clock.';
  if (kind === 'ban') return `${who} is banned. The next renewal will be told.`;
  if (kind === 'unban') return `${who} is welcome again.`;
  return undefined;
}

/** `3 s`, `5 min`, `2 h`. */
export function roughly(ms) {
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  return ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
