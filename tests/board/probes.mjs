// Probes that run in each page before the candidate: they count running intervals, messages and
// writes to storage, and record violations of the content security policy.

/**
 * Runs in the page. Builds `setInterval` on the page's `setTimeout`, so that intervals follow the
 * page's clock (tests/tabs/page-clock.mjs).
 */
export const installProbes = () => {
  /** The page's clock advances only timers with at least this delay; others measure real time. */
  const MIN_INTERVAL_MS = 251;
  const probes = { messages: 0, writes: 0, violations: [] };
  const intervals = new Map();
  let lastInterval = 0;
  globalThis.setInterval = (callback, delay, ...values) => {
    const id = (lastInterval += 1);
    const ms = Math.max(Number(delay) || 0, MIN_INTERVAL_MS);
    const tick = () => {
      if (!intervals.has(id)) return;
      intervals.set(id, setTimeout(tick, ms));
      callback(...values);
    };
    intervals.set(id, setTimeout(tick, ms));
    return id;
  };
  globalThis.clearInterval = (id) => {
    clearTimeout(intervals.get(id));
    intervals.delete(id);
  };
  const { postMessage } = BroadcastChannel.prototype;
  BroadcastChannel.prototype.postMessage = function (...values) {
    probes.messages += 1;
    return postMessage.apply(this, values);
  };
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (...values) {
    probes.writes += 1;
    return setItem.apply(this, values);
  };
  addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
    probes.violations.push(violatedDirective),
  );
  globalThis.probes = {
    read: () => ({ ...probes, intervals: intervals.size }),
    /** Blocks the thread of this page until the scenario calls `endHold`. */
    block() {
      const request = new XMLHttpRequest();
      request.open('GET', '/hold', false);
      request.send();
    },
  };
};
