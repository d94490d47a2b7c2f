// Streams the service's events to the pages as server-sent events. Such a stream does not end on
// its own, and the server does not always learn that a page has gone. Therefore only the latest few
// streams stay open.

const MAX_OPEN_STREAMS = 8;
/**
 * The functions that close the open streams, the oldest first.
 *
 * @type {Set<() => void>}
 */
const closeFunctions = new Set();
const encoder = new TextEncoder();

/**
 * Returns a stream that subscribes to the events, and sends each of them as one JSON message.
 *
 * @param {(listener: (event: unknown) => void) => () => void} subscribe
 */
export function createEventStream(subscribe) {
  /** @type {() => void} */
  let unsubscribe;
  /** @type {() => void} */
  let close;
  const unregister = () => {
    unsubscribe();
    closeFunctions.delete(close);
  };
  return new ReadableStream({
    start(controller) {
      unsubscribe = subscribe((event) =>
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`)),
      );
      close = () => {
        unregister();
        controller.close();
      };
      closeFunctions.add(close);
      // This first line tells the page that the stream is connected.
      controller.enqueue(encoder.encode(': connected\n\n'));
      const [closeOldest] = closeFunctions;
      if (closeFunctions.size > MAX_OPEN_STREAMS) closeOldest?.();
    },
    cancel: unregister,
  });
}
