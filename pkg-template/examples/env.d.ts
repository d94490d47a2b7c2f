// The variables that the examples read. With this file in your project, TypeScript knows them too.
import type { Region } from 'social-plus-auth/edge';

export interface Env {
  /** `eu`, `sg` or `us`. Set either the region or the endpoint. */
  SOCIAL_PLUS_REGION?: Region;
  /** Another address of the service, such as the emulator's. */
  SOCIAL_PLUS_ENDPOINT?: string;
  /** Secret: its holder can sign in as any user. */
  SOCIAL_PLUS_SERVER_KEY: string;
  /** Not a secret. `POST /auth/session` needs it. */
  SOCIAL_PLUS_API_KEY: string;
  /** Secret: the key of your own sign-in, at least 32 random bytes. */
  SESSION_SECRET: string;
  /** With mTLS: the client certificate (PEM). */
  SOCIAL_PLUS_CLIENT_CERTIFICATE?: string;
  /** Secret. With mTLS: the private key of the certificate (PEM). */
  SOCIAL_PLUS_CLIENT_KEY?: string;
  /** The address and the port to listen on. */
  HOST?: string;
  PORT?: string;
}

declare global {
  namespace NodeJS {
    interface ProcessEnv extends Env {}
  }
}
