import type { Finding, KeyPath } from '../../finding.ts';

/** A key that must be there. */
export const missing = (path: KeyPath, key: string): Finding => ({
  severity: 'error',
  path,
  at: 'key',
  message: `the key \`${key}\` is missing`,
});

/** Something is wrong with the value itself. */
export const wrong = (path: KeyPath, message: string, allowed?: string): Finding => ({
  severity: 'error',
  path,
  at: 'value',
  message,
  ...(allowed === undefined ? {} : { allowed }),
});

/** Something is wrong with the map as a whole, or with its name. */
export const wrongKey = (path: KeyPath, message: string, allowed?: string): Finding => ({
  ...wrong(path, message, allowed),
  at: 'key',
});

/** What the original lets pass: the file loads, and the part has no effect. */
export const toWarning = (finding: Finding): Finding => ({ ...finding, severity: 'warning' });

export const isBlank = (value: unknown): boolean => value === undefined || value === null || value === '';

export const hasEntries = (map: object | undefined): boolean => map !== undefined && Object.keys(map).length > 0;

/** Names of a map that do not look as they must. */
export function unsafeNames(section: string, map: object | undefined, safe: RegExp): Finding[] {
  return Object.keys(map ?? {})
    .filter((name) => !safe.test(name))
    .map((name) => wrongKey([section, name], `\`${name}\` is not a valid name`, allowedNames));
}

export const allowedNames = 'lower-case letters, digits and dashes, with a letter or digit at both ends';
