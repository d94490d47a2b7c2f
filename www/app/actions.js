// Runs the action of a button: one at a time, and with its error on the page.
import { byId, find } from './dom.js';
import { showError } from './error-card.js';
import { toErrorFacts, toMessage } from './wording.js';

/** @param {string} action */
export const button = (action) => find(`[data-action="${action}"]`);

/** @param {string} text */
export const showStatus = (text) => {
  byId('status').textContent = text;
};

// Disabled buttons stay focusable: to lose the focus is worse than a press without an effect.
let isBusy = false;

/**
 * Runs `work` unless the button is disabled or another action is running.
 *
 * @param {string} action
 * @param {() => Promise<void>} work
 */
export async function runAction(action, work) {
  if (isBusy || button(action).getAttribute('aria-disabled') === 'true') return;
  isBusy = true;
  button(action).setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (error) {
    const facts = toErrorFacts(error);
    showStatus(facts ? `Failed: ${facts.kind}.` : toMessage(error));
    byId('wrong').hidden = false;
    showError(button(action).textContent ?? '', error);
  } finally {
    button(action).removeAttribute('aria-busy');
    isBusy = false;
  }
}
