// Facts about the runtime. The entry of the runtime sets them. `isPerRequest`: the runtime is a
// worker whose clients live for one request, so a client sets no timers and shares nothing with
// others.
export const host = { isPerRequest: false };
