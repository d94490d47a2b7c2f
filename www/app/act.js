// Does what a button is for: one thing at a time, and what goes wrong is shown.
import { byId } from './dom.js';
import { showError } from './receipt.js';
import { typed } from './wording.js';

export const button = (action) => document.querySelector(`[data-action="${action}"]`);

export const say = (text) => {
  byId('status').textContent = text;
};

// Buttons that cannot be used now stay focusable: losing the focus is worse than a press that does
// nothing.
let busy = false;

export async function act(action, work) {
  if (busy || button(action).getAttribute('aria-disabled') === 'true') return;
  busy = true;
  button(action).setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (error) {
    const facts = typed(error);
    say(facts ? `That failed: ${facts.kind}.` : error.message);
    byId('wrong').hidden = false;
    showError(button(action).textContent, error);
  } finally {
    button(action).removeAttribute('aria-busy');
    busy = false;
  }
}
