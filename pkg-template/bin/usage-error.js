// The error of a command that was typed wrongly.

/**
 * Ends the command with exit code 2. The message must never repeat a value from the command line,
 * which could be a secret.
 */
export class UsageError extends Error {}
