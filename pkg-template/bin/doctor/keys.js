// Whether the service knows the API key and the server key, and whether secure mode is on. Nobody
// is signed in for it.
import { createAuthToken, createSession } from '../../edge/node.js';
import { common, unexpected } from './explain.js';
import { bad, good, skipped } from './finding.js';
import { probe } from './probe.js';

export const DEVICE = 'social-plus-auth-doctor';
const REGIONS = ['eu', 'sg', 'us'];

/**
 * A session call that the service can only refuse, since its body is empty: what it refuses tells
 * whether it knows the key.
 */
const tryKey = (context, service) =>
  probe(
    { service: { ...context.service, ...service } },
    (options) =>
      createSession(
        { ...options, apiKey: context.keys.apiKey },
        { userId: DEVICE, deviceId: DEVICE },
      ),
    '{}',
  );

const isKnown = ({ error }) =>
  ['invalidRequest', 'secureModeRequired', 'forbidden'].includes(error?.kind) && error.status > 0;

const elsewhere = async (context) => {
  for (const region of REGIONS.filter((name) => name !== context.region.toLowerCase())) {
    if (isKnown(await tryKey(context, { region }))) return region;
  }
  return undefined;
};

export const apiKey = async (context) => {
  const name = 'apiKey';
  if (!context.keys.apiKey) return skipped(name, 'There is no API key to try.');
  const asked = await tryKey(context);
  if (isKnown(asked)) {
    context.secureMode = asked.error.kind === 'invalidRequest' ? undefined : true;
    return good(name, 'The service knows the API key.');
  }
  if (asked.error?.kind !== 'unauthorized') return common(name, asked) ?? unexpected(name, asked);
  const here = context.region ? `in region ${context.region}` : 'at this endpoint';
  const message = `The service does not know this API key ${here}.`;
  const check = 'Compare the key and the region with the console.';
  if (!context.region)
    return bad(
      name,
      'apiKeyUnknown',
      message,
      `${check} An emulator draws a new key at each start, unless it has a seed.`,
    );
  if (!context.allRegions)
    return bad(
      name,
      'apiKeyUnknown',
      message,
      `${check} With --all-regions the other regions are asked too.`,
    );
  const region = await elsewhere(context);
  if (!region)
    return bad(
      name,
      'apiKeyUnknown',
      `${message} No other region knows it either.`,
      'Copy the key anew from the console.',
    );
  return bad(
    name,
    'wrongRegion',
    `${message} Region ${region} knows it.`,
    `Set the region to ${region}, in the app and on the backend.`,
  );
};

/**
 * What a call comes to that mTLS protects, if it is mTLS: the service answers others, and closes
 * the connection here.
 */
export const closed = (name, { isReached, hasCertificate, isSecured }, { error, seen }) => {
  if (error.kind !== 'network' || !seen.trouble || !isReached || !isSecured) return undefined;
  const message =
    'The service answers other calls, but closes the connection at this one: that is what it does in mTLS';
  return hasCertificate
    ? bad(
        name,
        'clientCertificateRefused',
        `${message}, with a client certificate that it did not issue, that was disabled or that has expired.`,
        'Give the certificate that is active in the console (--client-cert, --client-key).',
      )
    : bad(
        name,
        'clientCertificateMissing',
        `${message}, without a client certificate.`,
        'Give the certificate and its key with --client-cert and --client-key, and to the backend; or disable mTLS in the console.',
      );
};

const secureModeOff = () =>
  bad(
    'secureMode',
    'secureModeOff',
    'Secure mode is off: anyone with the API key, which is in every page, can be anyone.',
    'Turn it on once every client gets its auth token from your backend: in the console, or by admin set-secure-mode on.',
  );

/** What the API key or the admin token told of it, if anything did. */
const secureMode = ({ secureMode: isOn }) => {
  if (isOn === false) return secureModeOff();
  return isOn
    ? good('secureMode', 'Secure mode is on.')
    : skipped('secureMode', 'Only a server key that is taken, or an admin token, can tell.');
};

/**
 * Mints an auth token, which by itself changes nothing: two findings, since it works in secure mode
 * alone.
 */
export const serverKey = async (context) => {
  const name = 'serverKey';
  if (!context.keys.serverKey)
    return [skipped(name, 'There is no server key to try.'), secureMode(context)];
  const userId = context.user ?? DEVICE;
  const asked = await probe(context, (options) =>
    createAuthToken({ ...options, serverKey: context.keys.serverKey }, { userId }),
  );
  const { error, value } = asked;
  if (!error) {
    context.authToken = value.token;
    return [
      good(name, 'The service takes the server key and mints auth tokens.'),
      good('secureMode', 'Secure mode is on.'),
    ];
  }
  if (error.kind === 'unauthorized') {
    const remedy =
      'It is of another network or region, or was replaced and its grace period is over: copy it anew, or issue another.';
    return [
      bad(name, 'serverKeyRefused', 'The service refuses the server key.', remedy),
      secureMode(context),
    ];
  }
  if (error.kind === 'forbidden' && error.status)
    return [
      skipped(name, 'Secure mode is off, so that the server key could not be tried.'),
      secureModeOff(),
    ];
  return [
    closed(name, context, asked) ?? common(name, asked) ?? unexpected(name, asked),
    secureMode(context),
  ];
};
