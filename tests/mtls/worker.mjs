// Makes the calls of attempt.mjs with each certificate, in workerd. Each certificate has a binding
// whose `fetch` presents it, as with Cloudflare's `mtls_certificates`.
import { attempt } from './attempt.mjs';

export default {
  async fetch(request, { service, names, ...bindings }) {
    const outcomes = {};
    for (const name of names)
      outcomes[name] = await attempt(service, (url, init) => bindings[name].fetch(url, init));
    return Response.json(outcomes);
  },
};
