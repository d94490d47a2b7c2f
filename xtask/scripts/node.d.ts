/** Declares the parts of Node 20 that the scripts use and `@types/node` 20.9 lacks. */

declare module 'node:inspector/promises' {
  import type { Profiler } from 'node:inspector';

  export class Session {
    connect(): void;
    post(
      method: 'Profiler.enable' | 'Profiler.setSamplingInterval' | 'Profiler.start',
      parameters?: object,
    ): Promise<void>;
    post(method: 'Profiler.stop'): Promise<Profiler.StopReturnType>;
  }
}

declare namespace NodeJS {
  interface Process {
    getActiveResourcesInfo(): string[];
  }
}
