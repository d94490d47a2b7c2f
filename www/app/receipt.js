// An error as a developer meets it: the kind to decide by, the facts beside it, and what an app
// does about it.
import { byId, duration, make } from './dom.js';
import { advise, typed } from './wording.js';

export function showError(title, error) {
  const receipt = byId('receipt');
  const facts = typed(error);
  receipt.hidden = false;
  // Once it is filled: the diagram above has just grown.
  requestAnimationFrame(() => receipt.scrollIntoView({ block: 'nearest' }));
  receipt.dataset.kind = facts?.kind ?? 'unknown';
  if (!facts) {
    receipt.replaceChildren(
      make('p', { class: 'kind' }, title),
      make('p', { class: 'message' }, error.message),
    );
    return;
  }
  const rows = {
    operation: facts.operation,
    status: facts.status,
    code: facts.code,
    retryable: facts.retryable,
    attempts: facts.attempts,
    retryAfterMs:
      facts.retryAfterMs === undefined
        ? undefined
        : `${facts.retryAfterMs} (${duration(facts.retryAfterMs)})`,
    correlationId: facts.correlationId,
  };
  // The worker tells less than an error of the package does.
  const told = Object.entries(rows).filter(([name]) => name in facts);
  receipt.replaceChildren(
    make(
      'div',
      {},
      make('p', { class: 'eyebrow' }, `${title} · thrown in ${facts.thrownIn}`),
      make('p', { class: 'kind' }, facts.kind),
      make('p', { class: 'message' }, facts.message),
    ),
    make(
      'dl',
      {},
      ...told.flatMap(([name, value]) => [
        make('dt', {}, name),
        make('dd', {}, String(value ?? '—')),
      ]),
    ),
    make(
      'div',
      { class: 'advice' },
      make('p', { class: 'eyebrow' }, 'What your app does'),
      make('p', {}, advise(facts)),
    ),
  );
}

export const hideError = () => {
  byId('receipt').hidden = true;
};
