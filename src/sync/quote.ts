/** A word of a shell program that means exactly this text. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Paths below the root as words; the dot keeps a name that begins with a dash from being an option. */
export const quotePaths = (names: readonly string[]): string => names.map((name) => quote(`./${name}`)).join(' ');

/** Cuts the list so that no part has more paths or more bytes of names than one command line takes. */
export function* batches(
  names: readonly string[],
  { most, bytes }: { most: number; bytes: number },
): Generator<string[]> {
  let batch: string[] = [];
  let size = 0;
  for (const name of names) {
    const more = Buffer.byteLength(name) + 3;
    if (batch.length > 0 && (batch.length >= most || size + more > bytes)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(name);
    size += more;
  }
  if (batch.length > 0) yield batch;
}
