/**
 * Declares the part of miniflare that the demo uses. The declarations that miniflare ships need
 * `@cloudflare/workers-types`, which would replace the types of the browser.
 */

export interface WorkerOptions {
  name: string;
  modules: true | { type: string; path: string; contents: string | Uint8Array }[];
  script?: string;
  routes?: string[];
  compatibilityDate?: string;
  bindings?: Record<string, string | undefined>;
  serviceBindings?: Record<string, (request: Request) => Response | Promise<Response>>;
}

export class Miniflare {
  constructor(options: { host: string; port: number; workers: WorkerOptions[] });
  readonly ready: Promise<URL>;
  getWorker(name: string): Promise<{ fetch(url: string, init?: RequestInit): Promise<Response> }>;
  dispose(): Promise<void>;
}

/** A service binding must return an instance of this class, which miniflare takes from undici. */
export const Response: typeof globalThis.Response;
