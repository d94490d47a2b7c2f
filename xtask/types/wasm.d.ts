// Declares the generated glue of the browser and edge artifacts, and `src/js/values.js`, for the
// type check of the sources. This file is not published.

declare module '*/browser_bg.js' {
  export { invoke } from '*/values.js';
  export const imports: WebAssembly.ModuleImports;
  export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
  export function createSession(kind: number): void;
  export function checkSessionRequest(kind: number): void;
  export function verifySession(): void;
  export function revokeSession(): void;
  export function refreshAccessToken(): void;
  export const interpret: (...numbers: number[]) => void;
  export function openMachine(): number;
  export function closeMachine(machine: number): void;
  export function stepMachine(machine: number, event: number): void;
}

declare module '*/edge_bg.js' {
  export { invoke } from '*/values.js';
  export const imports: WebAssembly.ModuleImports;
  export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
  export function createSession(kind: number): void;
  export function verifySession(): void;
  export function revokeSession(): void;
  export function createAuthToken(): void;
  export function exchangeSession(): void;
  export function redeemSession(): void;
  export function administer(purpose: number): void;
  export const interpret: (...numbers: number[]) => void;
}

declare module '*/values.js' {
  export function invoke(
    run: (...numbers: any[]) => void,
    values: unknown[],
    ...numbers: number[]
  ): any;
}
