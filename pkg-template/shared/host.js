// Facts about the runtime, which the entries set. On a worker a client lives for one request
// (`isPerRequest`), so it sets no timers and shares nothing with other tabs.
export const host = { isPerRequest: false };
