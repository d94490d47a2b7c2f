// Shows one exchange in detail: the request and the response, with every secret masked.
import { formatDuration, make } from './dom.js';
import { mask } from './redact.js';
import { actors, describeExchange } from './wording.js';

/** @import { Actor, Exchange, Header } from '../types.js' */

const MINT_PATH = '/api/v4/authentication/token';
const MAX_TEXT_LENGTH = 400;

/** @type {Header} */
const cookie = [
  'cookie',
  `app-session=${mask} (HttpOnly: the browser adds it, and no script can read it)`,
];
/**
 * Headers that the browser or the worker adds, not the code of the page. Keyed by path.
 *
 * @type {Record<string, Header>}
 */
const addedElsewhere = {
  '/auth/token': cookie,
  '/demo/stale-key/auth/token': cookie,
  [MINT_PATH]: ['x-server-key', `${mask} (added by the worker; the page never sees it)`],
};

/**
 * @param {HTMLElement} container
 * @param {Exchange} exchange
 */
export async function renderDetails(container, exchange) {
  const { from, to, method, path, request, response } = exchange;
  const added = addedElsewhere[path];
  const sent = [
    ...(request.headers ?? []).filter(([name]) => name !== added?.[0]),
    ...(added ? [added] : []),
  ];
  const { more, code } = describeExchange(exchange);
  const outcome = response
    ? `${response.status ?? 'no response'} · ${formatDuration(response.durationMs)}`
    : 'waiting …';
  const body = await response?.body;
  container.replaceChildren(
    make('p', { class: 'more' }, more),
    ...(code ? [makeCodeLine(code, from)] : []),
    make(
      'div',
      { class: 'halves' },
      makeHalf(`${actors[from]} → ${actors[to]}`, `${method} ${path}`, sent, request.body),
      makeHalf(`${actors[to]} → ${actors[from]}`, outcome, response?.headers, body),
    ),
  );
  if (path === MINT_PATH && response?.status === 200) {
    const hint = 'The response contains the auth token. The worker passes it to the page.';
    container.append(make('p', { class: 'hint' }, hint));
  }
}

/**
 * Makes the line of code that sent the request. Emphasises the function that it calls.
 *
 * @param {string} code
 * @param {Actor} from
 */
function makeCodeLine(code, from) {
  const [name = ''] = code.split('(');
  return make('pre', { class: `code in-${from}` }, make('b', {}, name), code.slice(name.length));
}

/**
 * Makes one half of the details, which shows a request or a response.
 *
 * @param {string} title
 * @param {string} line
 * @param {Header[]} headers
 * @param {unknown} body
 */
function makeHalf(title, line, headers = [], body) {
  const list = make(
    'dl',
    {},
    ...headers.flatMap(([name, value]) => [
      make('dt', {}, name),
      make('dd', { class: name === 'x-server-key' ? 'key' : undefined }, value),
    ]),
  );
  /** @type {HTMLElement[]} */
  const parts = [make('h3', {}, title), make('p', { class: 'line' }, line), list];
  if (body !== undefined)
    parts.push(
      make(
        'pre',
        { tabindex: '0', 'aria-label': `Body: ${title}` },
        typeof body === 'string' ? body.slice(0, MAX_TEXT_LENGTH) : JSON.stringify(body, null, 2),
      ),
    );
  return make('div', {}, ...parts);
}
