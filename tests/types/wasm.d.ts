// Declares the modules that only the built package contains: the compiled wasm files, and the
// JavaScript that wasm-bindgen generates for the emulator.

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*.wasm?module' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*/emulator_bg.js' {
  export const imports: WebAssembly.ModuleImports;
  export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
  type Api = typeof import('social-plus-auth/emulator');
  type Service = Awaited<ReturnType<Api['createEmulator']>>;

  /** The result of one request. If it has no `response`, the caller must break the connection. */
  interface Outcome {
    response?: Response;
    delayMs: number;
    truncateAt?: number;
  }

  /**
   * The emulator of `src/js/emulator.rs`. If an argument is invalid, the constructor or the method
   * throws the fields of a `SocialPlusError`.
   */
  export class Emulator {
    constructor(
      options: object,
      onRequest: ((request: Service['requests'][number]) => void) | undefined,
      entropy: Uint8Array,
    );
    readonly apiKey: string;
    readonly serverKey: string;
    readonly adminToken: string;
    readonly visitorSecret: string;
    handle(
      request: Request,
      signal: AbortSignal | null | undefined,
      certificate: Uint8Array | undefined,
    ): Promise<Outcome>;
    tlsOptions(): { ca: string; cert: string; key: string; requestCert: boolean };
    createCertificate(request: object): string;
    now(): number;
    advance(ms: number): void;
    set(epochMs: number): void;
    addFault(fault: object): void;
    clearFaults(): void;
    requests(): Service['requests'];
    users(): ReturnType<Service['users']>;
    sessions(): ReturnType<Service['sessions']>;
    banUser(userId: string): void;
    unbanUser(userId: string): void;
    deleteUser(userId: string): void;
    setSecureMode(enabled: boolean): void;
    reset(): void;
  }
}
