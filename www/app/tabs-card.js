// Shows two tabs of one device side by side: this page, and a second tab in a frame. The event log
// of all tabs is below them.
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
    const announcement = toAnnouncement(entry);
    if (announcement) byId('tabs-status').textContent = announcement;
  });
  showControls(options);
  showPanel(byId('panel'), { client, environment, title: `${formatLane(tab)}, this page` });
  showTimeline(log, environment.clock);
  // This page already has its tab number, so the page in the frame gets the next free one.
  /** @type {HTMLIFrameElement} */ (byId('second-tab')).src = '/tab';
}
