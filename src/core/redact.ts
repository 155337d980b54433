const mask = '***';

/** Keeps secrets out of everything that is shown or written. One per run, filled as secrets become known. */
export interface Redactor {
  /** Remembers a secret; later texts have it masked. Too short values are not remembered: they would mask words. */
  add(secret: string | undefined): void;
  /** The text without known secrets, without `user:password@` in addresses and without bearer tokens. */
  clean(text: string): string;
}

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    add(secret) {
      if (secret !== undefined && secret.length >= 4) secrets.add(secret);
    },
    clean(text) {
      let result = text
        .replace(/(\w+:\/\/[^\s:/@]+:)[^\s@/]+@/g, `$1${mask}@`)
        .replace(/\b(Bearer|Basic) [\w.~+/=-]{8,}/g, `$1 ${mask}`);
      // the longer first: what is left of it after a shorter one would be readable
      for (const secret of [...secrets].sort((a, b) => b.length - a.length)) result = result.replaceAll(secret, mask);
      return result;
    },
  };
}

/** Control characters of foreign text made visible, so that it cannot move the cursor or change colours. */
export function plainText(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}
