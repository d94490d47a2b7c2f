/** The shapes that the parts of the demo exchange. */
import type { Region, SessionState, TerminationReason } from 'social-plus-auth';

/** A member of the made-up app. */
export interface Person {
  userId: string;
  name: string;
  about: string;
  initials: string;
  /** The colour of the avatar, as an angle. */
  hue: number;
  isBanned?: boolean;
}

/** The settings that the page loads at the start, from `/demo/config`. */
export interface Config {
  apiKey: string;
  region?: Region;
  endpoint?: string;
  /** Whether the service is the emulator, whose clock, faults and bans the page can control. */
  emulator: boolean;
  /** How far the emulator's clock is ahead of the real one. */
  aheadMs?: number;
  /** The ids of the banned users. */
  banned?: string[];
}

/** The bindings of the worker. */
export interface Env {
  SOCIAL_PLUS_SERVER_KEY: string;
  SOCIAL_PLUS_REGION?: Region;
  SOCIAL_PLUS_ENDPOINT?: string;
  /** Signs the app's own cookie. */
  COOKIE_SECRET: string;
  /** The page's files. */
  ASSETS?: { fetch(request: Request): Promise<Response> };
}

/** The emulator's report about one request: its start, its end, or a session that it created. */
export type ServiceEvent =
  | { phase: 'begin'; id: string; method: string; path: string }
  | {
      phase: 'end';
      id: string;
      /** `undefined` if the response was lost. */
      status?: number;
      durationMs: number;
      headers?: Record<string, string>;
      body?: unknown;
    }
  | {
      phase: 'session';
      id: string;
      at?: number;
      status?: number;
      /** Whether the service acted, but its response did not arrive. */
      isLost: boolean;
      deviceId?: string;
    };

export type Actor = 'page' | 'worker' | 'service';
export type Header = [name: string, value: string];

/** One request and, once it has arrived, the response. */
export interface Exchange {
  from: Actor;
  to: Actor;
  method: string;
  path: string;
  request: { headers?: Header[]; body?: any };
  response?: ExchangeResponse;
  responseRow?: Row;
}

export interface ExchangeResponse {
  /** `undefined` if there was no response. */
  status?: number;
  durationMs: number;
  headers?: Header[];
  body?: Promise<unknown>;
}

/** One row of the sequence diagram. */
export type Row =
  { type: 'request' | 'response'; exchange: Exchange } | { type: 'note'; text: string };

/** An entry of the log that the tabs keep together. Which facts it has depends on its kind. */
export interface LogEntry extends LogFacts {
  id: string;
  at: number;
  tab: number | 'service';
  kind:
    | 'state'
    | 'renewed'
    | 'failed'
    | 'closed'
    | 'session'
    | 'advance'
    | 'offline'
    | 'online'
    | 'losing'
    | 'keeping'
    | 'ban'
    | 'unban';
}

export interface LogFacts {
  state?: SessionState;
  reason?: TerminationReason;
  byThisTab?: boolean;
  /** The kind of the error. */
  error?: string;
  nextAttemptAt?: number;
  status?: number;
  isLost?: boolean;
  /** How far the clock was advanced, in milliseconds and in words. */
  ms?: number;
  name?: string;
  userId?: string;
  firstName?: string;
}

/** An error of the package, or the worker's report of one, as the fields to branch on. */
export interface ErrorFacts {
  thrownIn: 'the page' | 'the worker';
  kind: string;
  message: string;
  operation?: string;
  code?: number;
  status?: number;
  retryable?: boolean;
  retryAfterMs?: number;
  attempts?: number;
  correlationId?: string;
}
