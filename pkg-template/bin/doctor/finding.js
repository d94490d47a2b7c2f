// The result of one check. `fault` is a stable name of the problem for programs; `message` and
// `remedy` tell people what the problem is and how to fix it.

/**
 * @typedef {object} Finding
 * @property {string} name - The check.
 * @property {'ok' | 'warning' | 'failed' | 'skipped'} status
 * @property {string} [fault]
 * @property {string} message
 * @property {string} [remedy]
 */

/**
 * @param {string} name
 * @param {string} message
 * @returns {Finding}
 */
export const passed = (name, message) => ({ name, status: 'ok', message });

/**
 * Reports a problem of a setup that still works.
 *
 * @param {string} name
 * @param {string} fault
 * @param {string} message
 * @param {string} remedy
 * @returns {Finding}
 */
export const warned = (name, fault, message, remedy) => ({
  name,
  status: 'warning',
  fault,
  message,
  remedy,
});

/**
 * @param {string} name
 * @param {string} fault
 * @param {string} message
 * @param {string} remedy
 * @returns {Finding}
 */
export const failed = (name, fault, message, remedy) => ({
  name,
  status: 'failed',
  fault,
  message,
  remedy,
});

/**
 * Reports a check that could not run, is not needed, or was not requested.
 *
 * @param {string} name
 * @param {string} message
 * @returns {Finding}
 */
export const skipped = (name, message) => ({ name, status: 'skipped', message });
