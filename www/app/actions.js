// Runs the actions of the buttons, one at a time, and shows their errors on the page.
import { byId, find } from './dom.js';
import { showError } from './error-card.js';
import { toErrorFacts, toMessage } from './wording.js';

/** @param {string} action */
export const findButton = (action) => find(`[data-action="${action}"]`);

/** @param {string} text */
export const showStatus = (text) => {
  byId('status').textContent = text;
};

// Whether an action is running.
let isBusy = false;

/**
 * Runs `work` unless the button is disabled or another action is running. A button is disabled by
 * `aria-disabled`, so that it keeps the focus.
 *
 * @param {string} action
 * @param {() => Promise<void>} work
 */
export async function runAction(action, work) {
  if (isBusy || findButton(action).getAttribute('aria-disabled') === 'true') return;
  isBusy = true;
  findButton(action).setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (error) {
    const facts = toErrorFacts(error);
    showStatus(facts ? `Failed: ${facts.kind}.` : toMessage(error));
    byId('wrong').hidden = false;
    showError(findButton(action).textContent ?? '', error);
  } finally {
    findButton(action).removeAttribute('aria-busy');
    isBusy = false;
  }
}
