import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { unpackEntries } from '../../src/archive/unpack.ts';

/** The names of an archive with their content; for what is refused the reason. */
export async function unpack(
  archive: Readable,
  signal = new AbortController().signal,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  await unpackEntries(archive, {
    signal,
    refuse: ({ name, reason }) => {
      files[name] = `refused: ${reason}`;
    },
    receive: async ({ name, content }) => {
      files[name] = await text(content);
    },
  });
  return files;
}
