export type Tell = (about: string, words: string | undefined) => void;

/** Says the same words about a thing once, until they were taken back with `undefined`. */
export function tellOnce(say: (words: string) => void): Tell {
  const told = new Map<string, string>();
  return (about, words) => {
    if (words === undefined) told.delete(about);
    else if (told.get(about) !== words) {
      told.set(about, words);
      say(words);
    }
  };
}
