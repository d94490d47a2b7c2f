/**
 * Formats a duration as a countdown: `29 d 23:59:57`.
 *
 * @param {number} ms
 */
export function formatCountdown(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const time = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
    .map((value) => String(value).padStart(2, '0'))
    .join(':');
  const days = Math.floor(seconds / 86_400);
  return days > 0 ? `${days} d ${time}` : time;
}
