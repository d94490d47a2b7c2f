// Makes the calls of attempt.mjs with each certificate and without one, in workerd. Each case has a
// binding whose `fetch` presents the certificate, as with Cloudflare's `mtls_certificates`.
import { attempt } from './attempt.mjs';

export default {
  async fetch(request, { service, names, ...bindings }) {
    const outcomes = {};
    for (const name of names)
      outcomes[name] = await attempt(service, (url, init) => bindings[name].fetch(url, init));
    return Response.json(outcomes);
  },
};
