// An ear on the service's door: the same emulator, its `fetch` overheard.
/**
 * Tells of each request that bears the server key, as it begins and as it ends, and of each that
 * asks for a session, when it is over.
 */
export function tapped(emulator, tell) {
  let count = 0;
  const overheard = async (input, init) => {
    const request = new Request(input, init);
    const { method } = request;
    const path = new URL(request.url).pathname;
    const isMint = request.headers.has('x-server-key');
    const isSession = method === 'POST' && /^\/api\/v\d\/sessions$/.test(path);
    if (!isMint && !isSession) return emulator.fetch(request);
    const id = `service-${(count += 1)}`;
    const started = performance.now();
    // What the emulator recorded holds no secret: that is its promise, and the test of the demo
    // looks.
    const recorded = () =>
      emulator.requests.findLast((known) => known.path === path && known.method === method) ?? {};
    const end = (answered) => {
      const { headers, body, status, at } = recorded();
      if (isSession)
        tell({
          phase: 'session',
          id,
          at,
          status,
          isLost: answered === undefined,
          deviceId: body?.deviceId,
        });
      else
        tell({
          phase: 'end',
          id,
          status: answered,
          durationMs: performance.now() - started,
          headers,
          body,
        });
    };
    if (isMint) tell({ phase: 'begin', id, method, path });
    try {
      const response = await emulator.fetch(request);
      end(response.status);
      return response;
    } catch (error) {
      end();
      throw error;
    }
  };
  return Object.create(emulator, { fetch: { value: overheard } });
}
