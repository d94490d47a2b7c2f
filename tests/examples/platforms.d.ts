// Declares the parts of Bun, Deno and Express that the examples use, so that `tsc` can check the
// examples without the types of these platforms.

declare const Bun: {
  serve(options: {
    hostname?: string;
    port?: string | number;
    fetch: (request: Request) => Promise<Response>;
  }): { port: number };
};

declare namespace Deno {
  interface HttpClient {
    close(): void;
  }
  const env: { toObject(): NodeJS.ProcessEnv };
  function createHttpClient(options: { cert: string; key?: string }): HttpClient;
  function serve(
    options: { hostname?: string; port?: number },
    handler: (request: Request) => Promise<Response>,
  ): void;
}

/** The options of Bun (`tls`), Deno (`client`) and Node (`duplex`) that the DOM's types lack. */
interface RequestInit {
  duplex?: 'half';
  tls?: { cert: string; key?: string };
  client?: Deno.HttpClient;
}

declare module 'express' {
  import type { IncomingMessage, ServerResponse } from 'node:http';
  import type { AddressInfo } from 'node:net';

  interface Request extends IncomingMessage {
    method: string;
    protocol: string;
    originalUrl: string;
    get(header: string): string | undefined;
  }
  interface Response extends ServerResponse {
    status(code: number): this;
    set(headers: Record<string, string>): this;
    sendStatus(code: number): this;
  }
  export type RequestHandler = (incoming: Request, outgoing: Response) => Promise<unknown>;
  interface App {
    all(path: string, handler: RequestHandler): void;
    listen(
      port: string | number,
      host: string | undefined,
      listening: (error?: Error) => void,
    ): { address(): AddressInfo };
  }
  export default function express(): App;
}
