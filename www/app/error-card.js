// Shows an error to a developer: the kind to branch on, the other fields, and advice for an app.
import { byId, formatDuration, make } from './dom.js';
import { getAdvice, toErrorFacts, toMessage } from './wording.js';

/** @import { ErrorFacts } from '../types.js' */

/**
 * @param {string} title
 * @param {unknown} error
 */
export function showError(title, error) {
  const card = byId('error');
  const facts = toErrorFacts(error);
  card.hidden = false;
  // Waits for the next frame, because the diagram above the card then has its new height.
  requestAnimationFrame(() => card.scrollIntoView({ block: 'nearest' }));
  card.dataset.kind = facts?.kind ?? 'unknown';
  if (!facts) {
    card.replaceChildren(
      make('p', { class: 'kind' }, title),
      make('p', { class: 'message' }, toMessage(error)),
    );
    return;
  }
  card.replaceChildren(
    make(
      'div',
      {},
      make('p', { class: 'eyebrow' }, `${title} · thrown in ${facts.thrownIn}`),
      make('p', { class: 'kind' }, facts.kind),
      make('p', { class: 'message' }, facts.message),
    ),
    makeFieldList(facts),
    make(
      'div',
      { class: 'advice' },
      make('p', { class: 'eyebrow' }, 'What your app should do'),
      make('p', {}, getAdvice(facts)),
    ),
  );
}

/**
 * Lists the fields of the error. An error from the worker has fewer fields than one from the
 * package.
 *
 * @param {ErrorFacts} facts
 */
function makeFieldList(facts) {
  const { retryAfterMs } = facts;
  const rows = {
    operation: facts.operation,
    status: facts.status,
    code: facts.code,
    retryable: facts.retryable,
    attempts: facts.attempts,
    retryAfterMs: retryAfterMs && `${retryAfterMs} (${formatDuration(retryAfterMs)})`,
    correlationId: facts.correlationId,
  };
  return make(
    'dl',
    {},
    ...Object.entries(rows)
      .filter(([name]) => name in facts)
      .flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, String(value ?? '—'))]),
  );
}

export const hideError = () => {
  byId('error').hidden = true;
};
