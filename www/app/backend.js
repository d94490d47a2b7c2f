// The page's side of the app's own backend: signing in to the app, and asking for an auth token.
// Which user it is for is settled by a cookie that no script can read.

/** The worker's problem+json, kept as it came. */
export class WorkerRefusal extends Error {
  constructor(problem) {
    super(problem.title);
    this.name = 'WorkerRefusal';
    this.problem = problem;
  }
}

export class Backend {
  #fetch;

  constructor(fetch) {
    this.#fetch = fetch;
  }

  signIn(userId) {
    return this.#post('/app/sign-in', { userId });
  }

  signOut() {
    return this.#post('/app/sign-out');
  }

  /** `route` is another one only where the demo shows a badly deployed worker. */
  async authToken(deviceId, route = '/auth/token') {
    const { authToken } = await this.#post(route, { deviceId });
    return authToken;
  }

  async #post(path, body) {
    const response = await this.#fetch(path, {
      method: 'POST',
      headers: body && { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const answer = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw new WorkerRefusal(answer);
    return answer;
  }
}
