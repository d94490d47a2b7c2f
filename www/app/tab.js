// Runs the second tab and any further tab: a page that shows the session of its own client, with a
// button to renew it.
import { byId } from './dom.js';
import { Environment } from './environment.js';
import { EventLog, claimTabNumber, logClientEvents } from './event-log.js';
import { formatLane } from './event-wording.js';
import { createClient } from './session.js';
import { showPanel } from './tab-panel.js';

/** @import { Config } from '../types.js' */

/** @type {Config} */
const { apiKey, region, endpoint, aheadMs } = await (await fetch('/demo/config')).json();
const environment = new Environment(aheadMs);
const tab = await claimTabNumber();
const service = { apiKey, region, endpoint, fetch: environment.fetch };
const client = createClient(service, environment.clock);

if (window.top !== window) document.documentElement.classList.add('framed');
document.title = `${formatLane(tab)} · social-plus-auth`;
showPanel(byId('panel'), { client, environment, title: formatLane(tab) });
logClientEvents(client, new EventLog({ tab, clock: environment.clock }));
await client.resume().catch(() => {});
