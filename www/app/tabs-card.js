// Shows two tabs of one device side by side: this page, and a second one in a frame. The event log
// of both is below them.
import { showControls } from './controls.js';
import { byId } from './dom.js';
import { toAnnouncement, formatLane } from './event-wording.js';
import { showPanel } from './tab-panel.js';
import { showTimeline } from './timeline.js';

/** @import { ControlOptions } from './controls.js' */

/** @param {ControlOptions & { tab: number }} options */
export function showTabs({ tab, ...options }) {
  const { client, log, environment } = options;
  log.onEntry((entry) => {
    const sentence = toAnnouncement(entry);
    if (sentence) byId('tabs-status').textContent = sentence;
  });
  showControls(options);
  showPanel(byId('panel'), { client, environment, title: `${formatLane(tab)}, this page` });
  showTimeline(log, environment.clock);
  // This page has its number by now, so the page in the frame becomes the second tab.
  /** @type {HTMLIFrameElement} */ (byId('second-tab')).src = '/tab';
}
