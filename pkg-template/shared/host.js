// What only an entry knows about its runtime. On a worker a client lives for one request
// (`isPerRequest`), so it sets no timers and shares nothing with other tabs.
export const host = { isPerRequest: false };
