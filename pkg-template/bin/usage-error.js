// Defines the error for incorrect command-line usage.

/**
 * An error that ends the command with exit code 2. The message must not repeat a value from the
 * command line that could be a secret.
 */
export class UsageError extends Error {}
