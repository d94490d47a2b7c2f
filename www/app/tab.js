// The second tab, and any further one: nothing but a client of its own, in a page of its own.
import { byId } from './dom.js';
import { makeClient } from './session.js';
import { Story, tabNumber, tellOf } from './story.js';
import { teller } from './story-wording.js';
import { showPanel } from './tab-panel.js';
import { World } from './world.js';

const config = await (await fetch('/demo/config')).json();
const world = new World(config.aheadMs);
const tab = await tabNumber();
const { apiKey, region, endpoint } = config;
const client = makeClient({ apiKey, region, endpoint, fetch: world.fetch }, world.clock);

if (window.top !== window) document.documentElement.classList.add('framed');
document.title = `${teller(tab)} · social-plus-auth`;
showPanel(byId('panel'), { client, world, title: teller(tab) });
tellOf(client, new Story({ tab, clock: world.clock }));
await client.resume().catch(() => {});
