/** Where a value sits in a document: keys of maps and positions of lists, from the top. */
export type KeyPath = readonly (string | number)[];

/**
 * Something that the user should know about the configuration, told in terms of key paths. The diagnostics turn the
 * path into file, line and column.
 */
export interface Finding {
  readonly severity: 'error' | 'warning';
  /** For something that is missing: the path of the map that lacks it. */
  readonly path: KeyPath;
  /** Whether the key or its value is meant. Something missing points at the key of the map that lacks it. */
  readonly at: 'key' | 'value';
  /** One sentence without the path and without a full stop, such as `expected a number, found a list`. */
  readonly message: string;
  /** What would be right, such as `one of kubectl, helm`. */
  readonly allowed?: string;
  /** `update`: the file works as it is; only who brings it to the newest version must know. */
  readonly concerns?: 'update';
  /** The name that was probably meant. */
  readonly suggestion?: string;
}

export type Report = (finding: Finding) => void;

/** `dev.sync[0].containerPath`; names that are not plain words are quoted: `images["my/app"]`. */
export function toDottedPath(path: KeyPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w-]+$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}
