/** The value as one word of a POSIX shell script. */
export function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

export function shellWords(values: readonly string[]): string {
  return values.map(shellWord).join(' ');
}
