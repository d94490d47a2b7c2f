// The session of this page: one small variable with the official state names, around the package's single calls. It does not renew and does
// not outlive a reload.
import { SocialPlusError, createSession, revokeSession, verifySession } from 'social-plus-auth';

const reasons = { unauthorized: 'unauthorized', banned: 'globalBan', notFound: 'userDeleted' };
// A longer timeout would overflow and fire at once.
const longestTimeoutMs = 2 ** 31 - 1;

/** Tells of every change by a `statechange` event. */
export class PageSession extends EventTarget {
  state = 'notLoggedIn';
  terminationReason;
  /** The person and the package's `Session`, while there is one. */
  person;
  session;
  #service;
  #backend;
  #deviceId;
  #expiry;

  constructor({ service, backend, deviceId }) {
    super();
    this.#service = service;
    this.#backend = backend;
    this.#deviceId = deviceId;
  }

  /** Secure mode as it goes: sign in to the app, get an auth token from the worker, redeem it. */
  async signIn(person) {
    this.#forget();
    this.#become('establishing');
    try {
      await this.#backend.signIn(person.userId);
      const authToken = await this.#backend.authToken(this.#deviceId);
      this.session = await createSession(this.#service, {
        userId: person.userId,
        displayName: person.name,
        deviceId: this.#deviceId,
        authToken,
        deviceInfo: { kind: 'web' },
      });
    } catch (error) {
      this.#become('notLoggedIn');
      throw error;
    }
    this.person = person;
    this.#watchExpiry();
    this.#become('established');
  }

  /** Asks the service whether it still honours the access token. */
  async verify() {
    const answer = await verifySession(this.#service, this.session.accessToken);
    if (!answer.valid) {
      clearTimeout(this.#expiry);
      this.#become('terminated', reasons[answer.reason]);
    }
    return answer;
  }

  /**
   * Signed out here whatever the service says; what it says is still thrown, but that it knows the token no longer (another tab's sign-in
   * has replaced it, say) is what was wanted.
   */
  async signOut() {
    const { accessToken } = this.session;
    this.#forget();
    const [revoked] = await Promise.allSettled([revokeSession(this.#service, accessToken), this.#backend.signOut()]);
    const { reason } = revoked;
    if (reason && !(SocialPlusError.is(reason) && reason.kind === 'unauthorized')) throw reason;
  }

  #forget() {
    clearTimeout(this.#expiry);
    this.person = undefined;
    this.session = undefined;
    this.#become('notLoggedIn');
  }

  #watchExpiry() {
    const left = this.session.expiresAt - Date.now();
    this.#expiry = setTimeout(
      () => (left > longestTimeoutMs ? this.#watchExpiry() : this.#become('tokenExpired')),
      Math.min(left, longestTimeoutMs),
    );
  }

  #become(state, reason) {
    if (state === this.state) return;
    this.state = state;
    this.terminationReason = reason;
    this.dispatchEvent(new Event('statechange'));
  }
}
