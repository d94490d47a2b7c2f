// The two parts of the page that are functions of their input: the clock that can be turned, and
// the timeline's places.
import assert from 'node:assert/strict';
import { TurnableClock } from '../../www/app/clock.js';
import { layout } from '../../www/app/timeline-layout.js';
import { check } from './harness.mjs';

const day = 86_400_000;

export async function checkUnits() {
  await check('the clock turns wall and monotonic time alike, and only forward', () => {
    const clock = new TurnableClock();
    const before = { now: clock.now(), monotonic: clock.monotonic() };
    assert.equal(clock.turnTo(29 * day), true);
    assert.ok(
      clock.now() - before.now >= 29 * day && clock.monotonic() - before.monotonic >= 29 * day,
    );
    assert.equal(clock.turnTo(day), false);
    assert.equal(clock.aheadMs, 29 * day);
  });

  await check('timers come due when the clock is turned past them, in order', async () => {
    const clock = new TurnableClock();
    const rung = [];
    clock.setTimeout(() => rung.push('two days'), 2 * day);
    clock.setTimeout(() => rung.push('a day'), day);
    clock.clearTimeout(clock.setTimeout(() => rung.push('cleared'), day));
    const over = new Promise((resolve) => clock.setTimeout(resolve, 3 * day));
    // No real timer goes so far.
    const last = clock.setTimeout(() => rung.push('sixty days'), 60 * day);
    clock.turnTo(3 * day);
    assert.deepEqual(rung, [], 'none within the turning itself');
    await over;
    assert.deepEqual(rung, ['a day', 'two days']);
    clock.clearTimeout(last);
  });

  await check(
    'the timeline has a lane for each tab and the service, states side by side, and gaps that grow slowly',
    () => {
      const { lanes, turns, absences } = layout(
        [
          { id: 'a', at: 0, tab: 1, kind: 'state', state: 'notLoggedIn' },
          { id: 'b', at: 1000, tab: 1, kind: 'state', state: 'established' },
          { id: 'c', at: 1000, tab: 2, kind: 'state', state: 'established' },
          { id: 'd', at: 1500, tab: 1, kind: 'away' },
          { id: 'e', at: 1500 + 29 * day, tab: 1, kind: 'turn', ms: 29 * day, name: '29 days' },
          { id: 'f', at: 2000 + 29 * day, tab: 2, kind: 'renewed', byThisTab: true },
          { id: 'g', at: 2000 + 29 * day, tab: 'service', kind: 'session', status: 200 },
          { id: 'h', at: 3000 + 29 * day, tab: 2, kind: 'closed' },
        ],
        4000 + 29 * day,
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
      const [{ from, to }] = turns;
      assert.ok(from > 0 && to < 1 && to - from < 0.75, 'a month leaves room for seconds');
      assert.ok(to - from > first.segments[0].to, 'and is wider than one');
      assert.deepEqual([absences[0].from, absences[0].to], [from, 1]);
    },
  );
}
