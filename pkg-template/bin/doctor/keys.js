// Checks whether the service knows the API key and the server key, and whether secure mode is on.
// These checks sign no user in.
import { createAuthToken, createSession } from 'social-plus-auth/edge';
import { explainAnyFailure } from './call-failures.js';
import { failed, passed, skipped } from './finding.js';
import { explainMtls } from './mtls.js';
import { probe } from './probe.js';

/** @import { Finding } from './finding.js' */
/** @import { Context } from './index.js' */
/** @import { Outcome, Service } from './probe.js' */
/** @import { Region } from 'social-plus-auth/edge' */

/** The device id of the doctor's sessions, and the user id of its calls that sign no user in. */
export const DOCTOR_ID = 'social-plus-auth-doctor';

/** @type {Region[]} */
const REGIONS = ['eu', 'sg', 'us'];

/**
 * Sends a session call with an empty body, which the service always refuses. The kind of the
 * error shows whether the service knows the API key.
 *
 * @param {Service} service
 * @param {string} apiKey
 */
const tryApiKey = (service, apiKey) =>
  probe(
    service,
    (options) => createSession({ ...options, apiKey }, { userId: DOCTOR_ID, deviceId: DOCTOR_ID }),
    '{}',
  );

/** @param {Outcome<unknown>} outcome */
const isKnownKey = ({ error }) =>
  error !== undefined &&
  ['invalidRequest', 'secureModeRequired', 'forbidden'].includes(error.kind) &&
  Boolean(error.status);

/**
 * Finds another region that knows the API key.
 *
 * @param {Service} service
 * @param {string} apiKey
 */
const findOtherRegion = async (service, apiKey) => {
  const current = service.region?.toLowerCase();
  for (const region of REGIONS) {
    if (region !== current && isKnownKey(await tryApiKey({ ...service, region }, apiKey)))
      return region;
  }
  return undefined;
};

/**
 * @param {Context} context
 * @param {string} apiKey
 */
const explainUnknownApiKey = async ({ service, tryAllRegions }, apiKey) => {
  const { region } = service;
  const place = region ? `in region ${region}` : 'at this endpoint';
  const message = `The service does not know this API key ${place}.`;
  const compare = 'Compare the key and the region with the console.';
  /** @param {string} remedy */
  const reportUnknown = (remedy, more = '') =>
    failed('apiKey', 'apiKeyUnknown', `${message}${more}`, remedy);
  if (!region)
    return reportUnknown(
      `${compare} An emulator without a seed generates a new key at each start.`,
    );
  if (!tryAllRegions)
    return reportUnknown(`${compare} To try the other regions, pass --all-regions.`);
  const other = await findOtherRegion(service, apiKey);
  if (!other)
    return reportUnknown(
      'Copy the key from the console again.',
      ' No other region knows it either.',
    );
  return failed(
    'apiKey',
    'wrongRegion',
    `${message} Region ${other} knows it.`,
    `Set the region to ${other}, in the app and on the backend.`,
  );
};

/**
 * @param {Context} context
 * @returns {Promise<Finding>}
 */
export const checkApiKey = async (context) => {
  const { apiKey } = context.keys;
  if (!apiKey) return skipped('apiKey', 'Not checked: no API key is set.');
  const outcome = await tryApiKey(context.service, apiKey);
  const { error } = outcome;
  if (isKnownKey(outcome)) {
    if (error?.kind !== 'invalidRequest') context.secureMode = true;
    return passed('apiKey', 'The service knows the API key.');
  }
  if (error?.kind === 'unauthorized') return explainUnknownApiKey(context, apiKey);
  if (error) return explainAnyFailure('apiKey', outcome);
  return failed(
    'apiKey',
    'notTheService',
    'The service accepted a session call without a user.',
    'Check --endpoint: the real service refuses such a call.',
  );
};

const reportSecureModeOn = () => passed('secureMode', 'Secure mode is on.');
const reportSecureModeOff = () =>
  failed(
    'secureMode',
    'secureModeOff',
    'Secure mode is off: anyone who has the API key, which every page contains, ' +
      'can sign in as any user.',
    'Turn it on once every client gets its auth token from your backend: ' +
      'in the console, or with admin set-secure-mode on.',
  );

/**
 * Reports whether secure mode is on, if the check of the API key or of the admin token has shown
 * it.
 *
 * @param {Context} context
 */
const reportSecureMode = ({ secureMode }) => {
  if (secureMode === undefined)
    return skipped(
      'secureMode',
      'Not checked: this needs a valid server key or a valid admin token.',
    );
  return secureMode ? reportSecureModeOn() : reportSecureModeOff();
};

/**
 * Checks the server key by minting an auth token, which changes nothing in the network. Minting
 * works only while secure mode is on, so the second finding is about secure mode.
 *
 * @param {Context} context
 * @returns {Promise<Finding[]>}
 */
export const checkServerKey = async (context) => {
  const name = 'serverKey';
  const { serverKey } = context.keys;
  if (!serverKey)
    return [skipped(name, 'Not checked: no server key is set.'), reportSecureMode(context)];
  const userId = context.userId ?? DOCTOR_ID;
  const outcome = await probe(context.service, (options) =>
    createAuthToken({ ...options, serverKey }, { userId }),
  );
  const { error, value } = outcome;
  if (!error) {
    context.authToken = value.token;
    return [
      passed(name, 'The service accepts the server key and mints auth tokens.'),
      reportSecureModeOn(),
    ];
  }
  if (error.kind === 'forbidden' && error.status)
    return [skipped(name, 'Not checked: this needs secure mode to be on.'), reportSecureModeOff()];
  if (error.kind === 'unauthorized') {
    const refused = failed(
      name,
      'serverKeyRefused',
      'The service refuses the server key.',
      'The key belongs to another network or region, or it was replaced and its grace period ' +
        'is over: copy it from the console again, or issue a new one.',
    );
    return [refused, reportSecureMode(context)];
  }
  return [
    explainMtls(name, context, outcome) ?? explainAnyFailure(name, outcome),
    reportSecureMode(context),
  ];
};
