import type { Readable, Writable } from 'node:stream';

/** The three streams of the user. Whoever uses them leaves them open. */
export interface TerminalIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}
