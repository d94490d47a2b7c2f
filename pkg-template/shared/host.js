// What only an entry knows of its runtime. On a worker (`still`) a client lives for one request: no
// timer, no other tab.
export const host = { still: false };
