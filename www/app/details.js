// One exchange opened up: what went out and what came back, with every secret masked.
import { duration, make } from './dom.js';
import { mask } from './redact.js';
import { actors, meaning } from './wording.js';

// Added by others than the code that asked: by the browser, where scripts cannot see it, and by the
// worker, where the page cannot.
const addedElsewhere = {
  '/auth/token': [
    'cookie',
    `app-session=${mask} (HttpOnly: the browser adds it, no script can read it)`,
  ],
  '/demo/stale-key/auth/token': [
    'cookie',
    `app-session=${mask} (HttpOnly: the browser adds it, no script can read it)`,
  ],
  '/api/v4/authentication/token': [
    'x-server-key',
    `${mask} (added by the worker, never seen by the page)`,
  ],
};

export async function renderDetails(container, exchange) {
  const { from, to, method, path, request, answer } = exchange;
  const added = addedElsewhere[path];
  const sent = [
    ...(request.headers ?? []).filter(([name]) => name !== added?.[0]),
    ...(added ? [added] : []),
  ];
  const { more, code } = meaning(exchange);
  const outcome = answer
    ? `${answer.status ?? 'no answer'} · ${duration(answer.durationMs)}`
    : 'waiting …';
  const body = await answer?.body;
  container.replaceChildren(
    make('p', { class: 'more' }, more),
    ...(code ? [call(code, from)] : []),
    make(
      'div',
      { class: 'halves' },
      half(`${actors[from]} → ${actors[to]}`, `${method} ${path}`, sent, request.body),
      half(`${actors[to]} → ${actors[from]}`, outcome, answer?.headers, body),
    ),
  );
  if (path === '/api/v4/authentication/token' && answer?.status === 200) {
    container.append(
      make(
        'p',
        { class: 'hint' },
        'The answer is the auth token. It goes to the worker, and from there to the page.',
      ),
    );
  }
}

/** The line of code behind the request, its function standing out. */
function call(code, from) {
  const [name] = code.split('(');
  return make('pre', { class: `code in-${from}` }, make('b', {}, name), code.slice(name.length));
}

function half(title, line, headers = [], body) {
  const list = make(
    'dl',
    {},
    ...headers.flatMap(([name, value]) => [
      make('dt', {}, name),
      make('dd', { class: name === 'x-server-key' ? 'key' : undefined }, value),
    ]),
  );
  const parts = [make('h3', {}, title), make('p', { class: 'line' }, line), list];
  if (body !== undefined)
    parts.push(
      make(
        'pre',
        { tabindex: '0', 'aria-label': `Body: ${title}` },
        typeof body === 'string' ? body.slice(0, 400) : JSON.stringify(body, null, 2),
      ),
    );
  return make('div', {}, ...parts);
}
