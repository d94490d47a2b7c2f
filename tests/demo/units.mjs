// Tests two parts of the page without a browser: the clock that can be advanced, and the layout of
// the timeline.
import assert from 'node:assert/strict';
import { AdjustableClock } from '../../www/app/clock.js';
import { computeLayout } from '../../www/app/timeline-layout.js';
import { check } from './harness.mjs';

const DAY_MS = 86_400_000;

export async function checkUnits() {
  await check('the clock advances wall time and monotonic time together, and only forward', () => {
    const clock = new AdjustableClock();
    const before = { now: clock.now(), monotonic: clock.monotonic() };
    assert.equal(clock.advanceTo(29 * DAY_MS), true);
    assert.ok(clock.now() - before.now >= 29 * DAY_MS, 'wall time advanced too little');
    assert.ok(
      clock.monotonic() - before.monotonic >= 29 * DAY_MS,
      'monotonic time advanced too little',
    );
    assert.equal(clock.advanceTo(DAY_MS), false);
    assert.equal(clock.aheadMs, 29 * DAY_MS);
  });

  await check('timers fire in order when the clock passes them', async () => {
    const clock = new AdjustableClock();
    const fired = [];
    clock.setTimeout(() => fired.push('two days'), 2 * DAY_MS);
    clock.setTimeout(() => fired.push('a day'), DAY_MS);
    clock.clearTimeout(clock.setTimeout(() => fired.push('cleared'), DAY_MS));
    const threeDays = new Promise((resolve) => clock.setTimeout(resolve, 3 * DAY_MS));
    // This timer lasts longer than a real timer can.
    const last = clock.setTimeout(() => fired.push('sixty days'), 60 * DAY_MS);
    clock.advanceTo(3 * DAY_MS);
    assert.deepEqual(fired, [], 'a timer fired during advanceTo');
    await threeDays;
    assert.deepEqual(fired, ['a day', 'two days']);
    clock.clearTimeout(last);
  });

  await check(
    'the timeline has a lane for each tab and the service, and compresses long gaps',
    () => {
      const { lanes, advances, outages } = computeLayout(
        [
          { id: 'a', at: 0, tab: 1, kind: 'state', state: 'notLoggedIn' },
          { id: 'b', at: 1000, tab: 1, kind: 'state', state: 'established' },
          { id: 'c', at: 1000, tab: 2, kind: 'state', state: 'established' },
          { id: 'd', at: 1500, tab: 1, kind: 'offline' },
          {
            id: 'e',
            at: 1500 + 29 * DAY_MS,
            tab: 1,
            kind: 'advance',
            ms: 29 * DAY_MS,
            name: '29 days',
          },
          { id: 'f', at: 2000 + 29 * DAY_MS, tab: 2, kind: 'renewed', byThisTab: true },
          { id: 'g', at: 2000 + 29 * DAY_MS, tab: 'service', kind: 'session', status: 200 },
          { id: 'h', at: 3000 + 29 * DAY_MS, tab: 2, kind: 'closed' },
        ],
        4000 + 29 * DAY_MS,
      );
      assert.deepEqual(
        lanes.map(({ name, state }) => [name, state]),
        [
          [1, 'established'],
          [2, undefined],
          ['service', undefined],
        ],
      );
      const [first, second, service] = lanes;
      assert.deepEqual(
        first.segments.map(({ state }) => state),
        ['notLoggedIn', 'established'],
      );
      assert.equal(first.segments[0].to, first.segments[1].from);
      assert.equal(first.segments[1].to, 1);
      assert.ok(second.segments[0].to < 1);
      assert.equal(second.marks[0].at, service.marks[0].at);
      const [{ from, to }] = advances;
      assert.ok(from > 0, 'nothing precedes the advance');
      assert.ok(to < 1, 'nothing follows the advance');
      assert.ok(to - from < 0.75, 'the advance is too wide');
      assert.ok(to - from > first.segments[0].to, 'the advance is not wider than a second');
      assert.deepEqual([outages[0].from, outages[0].to], [from, 1]);
    },
  );
}
