// Declares the environment variables that the examples read. Add this file to your project so
// that TypeScript knows their types in `process.env`.
import type { Region } from 'social-plus-auth/edge';

export interface Env {
  /** `eu`, `sg` or `us`. Set either the region or the endpoint. */
  SOCIAL_PLUS_REGION?: Region;
  /** The URL of the service or of an emulator. */
  SOCIAL_PLUS_ENDPOINT?: string;
  /** Secret: its holder can sign in as any user. */
  SOCIAL_PLUS_SERVER_KEY: string;
  /** Not a secret. `POST /auth/session` needs it. */
  SOCIAL_PLUS_API_KEY: string;
  /** The origin under which browsers reach the routes, such as `https://app.example`. */
  PUBLIC_ORIGIN?: string;
  /** Secret: the key that signs your session cookie (`sign-in.js`), at least 32 random bytes. */
  SESSION_SECRET: string;
  /** The client certificate (PEM), if the network requires mTLS. */
  SOCIAL_PLUS_CLIENT_CERTIFICATE?: string;
  /** Secret: the private key of the client certificate (PEM). */
  SOCIAL_PLUS_CLIENT_KEY?: string;
  /** The address to listen on. */
  HOST?: string;
  /** The port to listen on. */
  PORT?: string;
}

declare global {
  namespace NodeJS {
    interface ProcessEnv extends Env {}
  }
}
