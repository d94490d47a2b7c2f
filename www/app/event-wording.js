// Describes the entries of the event log in plain words.

/** @import { LogEntry } from '../types.js' */

/** @type {Record<string, string>} */
const reasons = {
  globalBan: 'the user is banned',
  userDeleted: 'the user was deleted',
  unauthorized: 'the service refuses to create a session',
};

/** @param {string} [reason] */
const describeReason = (reason = '') => reasons[reason] ?? reason;

/** @param {LogEntry['tab']} tab */
export const formatLane = (tab) => (tab === 'service' ? 'social.plus' : `Tab ${tab}`);

/**
 * Describes an event without naming the tab or the service.
 *
 * @param {LogEntry} entry
 */
function describeEvent({
  kind,
  state,
  reason,
  byThisTab,
  error,
  nextAttemptAt,
  at,
  status,
  isLost,
}) {
  switch (kind) {
    case 'state':
      return reason ? `${state}: ${describeReason(reason)}` : String(state);
    case 'renewed':
      return byThisTab ? 'renewed the session for all tabs' : 'uses the session of another tab';
    case 'failed': {
      const isLater = nextAttemptAt !== undefined && nextAttemptAt > at;
      const next = isLater ? `; next attempt in ${formatRoughly(nextAttemptAt - at)}` : '';
      return `renewal failed: ${error}${next}`;
    }
    case 'session':
      if (isLost) return 'created a session, but the response was lost';
      if (status === 200) return 'created a session';
      return status ? `refused a session: ${status}` : 'gave no response to a session request';
    default:
      return kind;
  }
}

/**
 * Describes an entry as one line of the list.
 *
 * @param {LogEntry} entry
 */
export function describe(entry) {
  switch (entry.kind) {
    case 'advance':
      return `${entry.name} passed`;
    case 'offline':
      return 'The browser is offline';
    case 'online':
      return 'The browser is online again';
    case 'lossScheduled':
      return 'The response to the next session request will be lost';
    case 'lossCancelled':
      return 'Responses will arrive again';
    case 'ban':
      return `The service has banned ${entry.firstName}`;
    case 'unban':
      return `The service has lifted the ban on ${entry.firstName}`;
    default:
      return `${formatLane(entry.tab)}: ${describeEvent(entry)}`;
  }
}

/**
 * Returns the text to show above the tabs, or `undefined` if only the list shows the entry.
 *
 * @param {LogEntry} entry
 */
export function toAnnouncement({ kind, tab, byThisTab, error, name, firstName, state, reason }) {
  switch (kind) {
    case 'advance':
      return `${name} passed.`;
    case 'renewed':
      return byThisTab ? `${formatLane(tab)} renewed the session for all tabs.` : undefined;
    case 'failed':
      return `${formatLane(tab)} could not renew the session (${error}). You stay signed in.`;
    case 'state':
      if (state === 'tokenExpired')
        return 'The token has expired. The client will renew it once the service is reachable.';
      return state === 'terminated'
        ? `The service has ended the session in every tab: ${describeReason(reason)}.`
        : undefined;
    case 'offline':
      return 'The browser is offline. Advance the clock and watch the tabs.';
    case 'online':
      return 'The browser is online again.';
    case 'lossScheduled':
      return (
        'The service will create the next session, but its response will be lost. ' +
        'Press Renew, or advance the clock.'
      );
    case 'ban':
      return `${firstName} is banned. The tabs will notice at the next renewal.`;
    case 'unban':
      return `${firstName} can sign in again.`;
    default:
      return undefined;
  }
}

/**
 * Formats a duration in a single unit: `3 s`, `5 min`, `2 h`.
 *
 * @param {number} ms
 */
function formatRoughly(ms) {
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  return ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
