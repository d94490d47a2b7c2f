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

/** The settings that the page loads from `/demo/config` when it starts. */
export interface Config {
  apiKey: string;
  region?: Region;
  endpoint?: string;
  /** Whether the service is the emulator, whose clock, faults and bans the page can control. */
  emulator: boolean;
  /** How many milliseconds the emulator's clock is ahead of the real clock. */
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

/**
 * A report from the emulator: a request with the server key began or ended, or a request for a
 * session ended.
 */
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
      /** Whether the service handled the request, but its response was lost. */
      isLost: boolean;
      deviceId?: string;
    };

export type Actor = 'page' | 'worker' | 'service';
export type Header = [name: string, value: string];

/** A request, and its response as soon as that has arrived. */
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

/** An entry of the event log that all tabs share. Its kind decides which facts it has. */
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
    | 'lossScheduled'
    | 'lossCancelled'
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
  /** By how many milliseconds the clock was advanced. */
  ms?: number;
  /** The same duration in words, such as `29 days`. */
  name?: string;
  userId?: string;
  firstName?: string;
}

/**
 * The fields of a `SocialPlusError`, or of the problem document in which the worker reports one.
 */
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
