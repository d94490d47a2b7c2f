// The app's own auth routes (createAuthHandler, or something like it), as a page of the app would
// find them, and as a stranger's page would.
import { connection } from './explain.js';
import { bad, good, skipped, warning } from './finding.js';
import { ask } from './probe.js';

const NAME = 'authRoutes';
/** An origin that nobody has. */
const STRANGER = 'https://stranger.invalid';
const HANDLER = 'createAuthHandler of social-plus-auth/edge does it so.';

const post = (context, path, origin) =>
  ask(context.plainFetch, `${context.authUrl}${path}`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: '{}',
  });

const preflight = (context, origin) =>
  ask(context.plainFetch, `${context.authUrl}/token`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  });

/**
 * What POST /token answers to somebody who is not signed in to the app; nothing but 401 is right.
 */
const standing = ({ seen, text = '' }, origin) => {
  const { status, trouble, isPage } = seen;
  if (trouble) return connection(NAME, 'The app', trouble);
  if (isPage && status !== 401) {
    return bad(
      NAME,
      'routesArePage',
      `A web page comes back (HTTP ${status}) where the auth routes should be.`,
      "A single-page app's fallback or a proxy answers in their place: route them to the backend first, and check --auth-url.",
    );
  }
  if (status === 404)
    return bad(
      NAME,
      'routesNotFound',
      'There is no POST /token below the address (HTTP 404).',
      "Check --auth-url and `basePath` of createAuthHandler: the address is the routes' own, like https://app.example/auth.",
    );
  if (status === 403)
    return bad(
      NAME,
      'originRefused',
      `The routes refuse pages of ${origin} (HTTP 403).`,
      'Add exactly this origin to `allowedOrigins`.',
    );
  if (status === 429)
    return bad(
      NAME,
      'routesRateLimited',
      'The routes say: too many requests (HTTP 429).',
      'Wait, and look at `rateLimit`: a stranger should not use up what others need.',
    );
  if (status >= 200 && status < 300) {
    const given = /"(authToken|accessToken|token)"/.test(text)
      ? 'a token'
      : `an answer (HTTP ${status})`;
    return bad(
      NAME,
      'tokenForAnyone',
      `POST /token gives ${given} to somebody who is not signed in to the app.`,
      `The user must come from the app's own sign-in, never from the request's body; else answer 401. ${HANDLER}`,
    );
  }
  if (status >= 500)
    return bad(
      NAME,
      'routesFailing',
      `The routes fail (HTTP ${status}).`,
      "See the backend's log; createAuthHandler tells `onEvent` what it was.",
    );
  if (status !== 401)
    return bad(
      NAME,
      'routesUnexpected',
      `POST /token answers HTTP ${status} to somebody who is not signed in to the app; 401 is right.`,
      HANDLER,
    );
  return good(NAME, 'POST /token answers 401 to somebody who is not signed in to the app.');
};

const storage = ({ headers }) =>
  /(^|[\s,])no-store\b/i.test(headers.get('cache-control') ?? '')
    ? good('noStore', 'Answers are not to be stored.')
    : bad(
        'noStore',
        'cacheable',
        'Answers may be stored by caches: `cache-control: no-store` is missing.',
        `A cache could give one user's token to another. ${HANDLER}`,
      );

/** What a browser asks of an answer before a page of another origin may read it. */
const readable = (name, what, { headers }, origin) => {
  const allowed = headers.get('access-control-allow-origin');
  if (allowed === '*') {
    return bad(
      name,
      'corsWildcard',
      `${what} lets in every origin (\`*\`), which browsers do not take together with credentials.`,
      `Answer with the page's exact origin. ${HANDLER}`,
    );
  }
  if (allowed !== origin) {
    return bad(
      name,
      'corsOrigin',
      `${what} does not let in ${origin}: access-control-allow-origin is ${allowed === null ? 'missing' : 'another'}.`,
      'Add exactly this origin (scheme, host and port, no slash at its end) to `allowedOrigins`.',
    );
  }
  if (headers.get('access-control-allow-credentials') !== 'true') {
    return bad(
      name,
      'corsCredentials',
      `${what} does not allow credentials, so that the app's cookie is not sent.`,
      `Answer with \`access-control-allow-credentials: true\`. ${HANDLER}`,
    );
  }
  return undefined;
};

const lists = (headers, name, value) =>
  (headers.get(name) ?? '')
    .split(',')
    .some((item) => [value, '*'].includes(item.trim().toLowerCase()));

const cors = async (context, origin, answer) => {
  const name = 'cors';
  const trouble = readable(name, 'The answer', answer, origin);
  if (trouble) return trouble;
  const asked = await preflight(context, origin);
  if (asked.seen.trouble) return connection(name, 'The app', asked.seen.trouble);
  const { status } = asked.seen;
  if (!(status >= 200 && status < 300)) {
    return bad(
      name,
      'preflightRefused',
      `The preflight (OPTIONS) is answered with HTTP ${status}, so that browsers never send the request itself.`,
      'Let OPTIONS through to the routes, without a sign-in: browsers send no cookie with it.',
    );
  }
  const unreadable = readable(name, 'The preflight', asked, origin);
  if (unreadable) return unreadable;
  // POST itself needs no leave; the content type does, and * does not count with credentials.
  const allowed = asked.headers.get('access-control-allow-headers') ?? '';
  if (
    allowed.trim() === '*' ||
    !lists(asked.headers, 'access-control-allow-headers', 'content-type')
  ) {
    return bad(
      name,
      'corsHeaders',
      'The preflight does not allow the header content-type, which JSON needs.',
      `Answer with \`access-control-allow-headers: content-type\`. ${HANDLER}`,
    );
  }
  if (!/(^|[\s,])(origin|\*)(\s*,|\s*$)/i.test(answer.headers.get('vary') ?? '')) {
    return warning(
      name,
      'varyMissing',
      'Pages of this origin may ask and read, but `vary: origin` is missing.',
      `A cache could give one origin's answer to another. ${HANDLER}`,
    );
  }
  return good(name, `Pages of ${origin} may ask, with credentials, and read the answer.`);
};

const strangers = async (context) => {
  const name = 'strangers';
  const { seen, headers } = await post(context, '/token', STRANGER);
  if (seen.trouble) return connection(name, 'The app', seen.trouble);
  const allowed = headers.get('access-control-allow-origin');
  if (allowed === STRANGER || allowed === 'null') {
    return bad(
      name,
      'corsAnyOrigin',
      'Every origin is let in: whatever page a user opens could get a token in their name.',
      `Let in exact origins from a list only, never the one that asks. ${HANDLER}`,
    );
  }
  return seen.status === 403
    ? good(name, 'Pages of other origins are refused.')
    : warning(
        name,
        'strangersServed',
        `A request from a page of another origin is answered with HTTP ${seen.status}, not 403.`,
        `Browsers keep the answer from the page, but the request has been carried out. ${HANDLER}`,
      );
};

const unknownPath = async (context, origin) => {
  const name = 'unknownPath';
  const { seen } = await post(context, '/no-such-route', origin);
  if (seen.trouble) return connection(name, 'The app', seen.trouble);
  return seen.status === 404
    ? good(name, 'Unknown paths are answered with 404.')
    : warning(
        name,
        'unknownPathAnswered',
        `An unknown path below the routes is answered with HTTP ${seen.status}, not 404.`,
        "Something else answers there too: see that it cannot take the routes' place.",
      );
};

/** The address without a slash at its end; a finding if it is none. */
const check = (authUrl, origin) => {
  const url = URL.canParse(authUrl) ? new URL(authUrl) : undefined;
  if (!/^https?:$/.test(url?.protocol) || url.search || url.hash || url.username || url.password) {
    return bad(
      NAME,
      'authUrlRefused',
      '--auth-url is no plain http: or https: address.',
      'Give the address of the routes, like https://app.example/auth.',
    );
  }
  if (url.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) {
    return bad(
      NAME,
      'routesWithoutTls',
      'The routes are served over http: whoever is on the way can read the tokens.',
      'Serve them over https: only.',
    );
  }
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).origin === origin)) {
    return bad(
      NAME,
      'originMalformed',
      '--origin is not written as browsers write it.',
      'An origin is scheme, host and port, in small letters, with no slash at its end: https://app.example',
    );
  }
  return undefined;
};

export const routes = async (context) => {
  if (!context.authUrl)
    return [
      skipped(
        NAME,
        "The app's own routes were not looked at: name them with --auth-url, and the page's origin with --origin.",
      ),
    ];
  const trouble = check(context.authUrl, context.origin);
  if (trouble) return [trouble];
  const { origin: own } = new URL(context.authUrl);
  const origin = context.origin ?? own;
  const answer = await post(context, '/token', origin);
  const first = standing(answer, origin);
  if (!answer.headers || ['routesArePage', 'routesNotFound'].includes(first.fault)) return [first];
  const findings = [first, storage(answer)];
  findings.push(
    origin === own
      ? skipped('cors', "A page of the routes' own origin needs no CORS.")
      : await cors(context, origin, answer),
  );
  findings.push(await strangers(context), await unknownPath(context, origin));
  return findings;
};
