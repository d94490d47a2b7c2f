// A command that was not asked rightly.

/**
 * Ends the command with exit code 2; the message is for the person who typed it, and repeats no
 * value that could be a secret.
 */
export class Refusal extends Error {}
