// Calls the app's own backend, to sign in to and out of the app and to get an auth token. A cookie
// that no script can read identifies the user.

/** @typedef {{ title: string, kind: string, status: number, correlationId?: string }} Problem */

/** An error response of the worker. `problem` is its problem document, unchanged. */
export class WorkerError extends Error {
  name = 'WorkerError';

  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

export class Backend {
  #fetch;

  /** @param {(path: string, init: RequestInit) => Promise<Response>} fetch */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /** @param {string} userId */
  signIn(userId) {
    return this.#post('/app/sign-in', { userId });
  }

  signOut() {
    return this.#post('/app/sign-out');
  }

  /**
   * Returns an auth token for the user who is signed in to the app.
   *
   * @param {string} deviceId
   * @param {string} [route] - the demo also has a route of a worker whose server key is outdated
   * @returns {Promise<string>}
   */
  async requestAuthToken(deviceId, route = '/auth/token') {
    const { authToken } = await this.#post(route, { deviceId });
    return authToken;
  }

  /**
   * @param {string} path
   * @param {object} [body]
   */
  async #post(path, body) {
    const response = await this.#fetch(path, {
      method: 'POST',
      headers: body && { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const json = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw new WorkerError(json);
    return json;
  }
}
