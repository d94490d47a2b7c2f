// Server-sent events for the page's diagram. Such a stream does not end on its own, and the loss of
// a page is not always reported, so only the latest few streams stay open.

const MAX_OPEN = 8;
/** @type {Set<() => void>} */
const open = new Set();
const encoder = new TextEncoder();

/**
 * Returns a stream with each event of `subscribe` as one JSON message.
 *
 * @param {(listener: (event: unknown) => void) => () => void} subscribe
 */
export function eventStream(subscribe) {
  /** @type {() => void} */
  let unsubscribe;
  /** @type {() => void} */
  let close;
  const forget = () => {
    unsubscribe();
    open.delete(close);
  };
  return new ReadableStream({
    start(controller) {
      unsubscribe = subscribe((event) =>
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`)),
      );
      close = () => {
        forget();
        controller.close();
      };
      open.add(close);
      // The first line tells the page that it is connected.
      controller.enqueue(encoder.encode(': connected\n\n'));
      const [oldest] = open;
      if (open.size > MAX_OPEN) oldest?.();
    },
    cancel: forget,
  });
}
