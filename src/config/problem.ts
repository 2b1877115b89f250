/** Something in skiffctl.yaml or on the command line that cannot be used. Ends the run with exit code 64. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}
