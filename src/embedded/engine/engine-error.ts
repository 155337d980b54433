/** A failure that the engine answers with; after the first byte of a stream it becomes its last message. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly status: number;
  /** Exit code of the command that failed. */
  readonly exitCode: number | undefined;

  constructor(status: number, message: string, exitCode?: number) {
    super(message);
    this.status = status;
    this.exitCode = exitCode;
  }
}
