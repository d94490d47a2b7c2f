// Facts about the runtime, which the entry of the runtime sets. `isPerRequest`: the runtime is a
// worker whose clients live for one request, so a client does no work in the background and shares
// nothing with other clients.
export const host = { isPerRequest: false };
