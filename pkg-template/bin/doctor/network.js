// Whether the service is there at all, and whether its clock and ours agree.
import { verifySession } from '../../edge/node.js';
import { common, unexpected } from './explain.js';
import { bad, good, skipped, warning } from './finding.js';
import { probe } from './probe.js';

const NAME = 'network';

/**
 * Asks about a session that nobody has: the service answers it without a key, and nothing comes of
 * it.
 */
export const network = async (context) => {
  const asked = await probe(context, (options) => verifySession(options, 'doctor'));
  const { seen, value } = asked;
  context.seen = seen;
  if (asked.error?.kind === 'config')
    return bad('address', 'addressRefused', asked.error.message, 'Correct --region or --endpoint.');
  const trouble = common(NAME, asked.error ? asked : { seen, error: {} });
  if (trouble) return trouble;
  // However the service words it, it refuses a token that is none: it neither takes it nor finds
  // nothing there.
  const { kind } = asked.error ?? {};
  if (kind && !['forbidden', 'invalidRequest', 'notFound'].includes(kind))
    return unexpected(NAME, asked);
  if (kind === 'notFound' || value?.valid || value?.reason === 'notFound') {
    return bad(
      NAME,
      'notTheService',
      `Something answers there (HTTP ${seen.status}), but not as the service does.`,
      'Check --endpoint: it is the address without /api and what follows.',
    );
  }
  context.isReached = true;
  return good(NAME, `The service answers, in ${seen.receivedAt - seen.sentAt} ms.`);
};

const spoken = (ms) => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  return seconds < 7200
    ? `${Math.round(seconds / 60)} minutes`
    : `${Math.round(seconds / 3600)} hours`;
};

/**
 * `Date` counts whole seconds, and the way takes its time, so that small differences mean nothing.
 */
export const clock = ({ seen }) => {
  if (seen?.date === undefined)
    return skipped('clock', "The service's time could not be read (no Date header).");
  const ahead = (seen.sentAt + seen.receivedAt) / 2 - (seen.date + 500);
  const apart = Math.abs(ahead);
  if (apart < 30_000) return good('clock', "This machine's clock agrees with the service's.");
  const message = `This machine's clock is ${spoken(apart)} ${ahead > 0 ? 'ahead of' : 'behind'} the service's.`;
  const make = apart < 300_000 ? warning : bad;
  return make(
    'clock',
    'clockSkew',
    message,
    "Set the clock by the network (NTP). Until then visitors' signatures and the times of tokens are off by as much.",
  );
};
