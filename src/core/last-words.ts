import type { Readable } from 'node:stream';

/** Reads a stream to its end and keeps so many of its last characters, for the message if what prints them fails. */
export function lastWords(stream: Readable | undefined, most: number): () => string {
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-most);
  });
  // whoever waits for the process is told of a lost connection
  stream?.on('error', () => {});
  return () => text.trim();
}
