// Two tabs of one device side by side: this page, and a second one in a frame. Beneath them the
// story of both.
import { byId } from './dom.js';
import { showLevers } from './levers.js';
import { headline, teller } from './story-wording.js';
import { showPanel } from './tab-panel.js';
import { showTimeline } from './timeline.js';

export function showTabs({ client, story, world, tab, ...levers }) {
  story.addEventListener('entry', ({ detail }) => {
    const sentence = headline(detail);
    if (sentence) byId('tabs-status').textContent = sentence;
  });
  showLevers({ client, story, world, ...levers });
  showPanel(byId('panel'), { client, world, title: `${teller(tab)}, this page` });
  showTimeline(story, world.clock);
  // Only now: this page is to be the first tab, and the one in the frame the second.
  byId('second-tab').src = '/tab';
}
