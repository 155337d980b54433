import type { Writable } from 'node:stream';
import { systemErrorCode } from '../../core/errors.ts';

/**
 * Writes the data that was asked for to stdout and resolves when it is on its way. A reader that has gone, such as
 * `head`, is no mistake.
 */
export async function writeOut(stdout: Writable, text: string): Promise<void> {
  // a failed write is told twice: to its callback, and as an event that nobody else listens to
  const ignore = (): void => {};
  stdout.on('error', ignore);
  try {
    await new Promise<void>((resolve, reject) => {
      stdout.write(text, (error) => {
        if (error && systemErrorCode(error) !== 'EPIPE') reject(error);
        else resolve();
      });
    });
    // the event comes after the callback
    await new Promise(setImmediate);
  } finally {
    stdout.off('error', ignore);
  }
}
