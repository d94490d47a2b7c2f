// Server-sent events for the page's diagram. Such a stream has no end of its own, and a page that
// is gone is not always reported, so only the latest few are kept.
const keep = 8;
const open = new Set();
const encoder = new TextEncoder();

/** A stream of what `subscribe` tells, each event as one JSON message. */
export function eventStream(subscribe) {
  let unsubscribe;
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
      // A first line, so that the page knows at once that it is listening.
      controller.enqueue(encoder.encode(': connected\n\n'));
      if (open.size > keep) open.values().next().value();
    },
    cancel: forget,
  });
}
