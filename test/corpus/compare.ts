/** One place where two documents differ. */
export interface Difference {
  readonly path: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** All places where two documents differ as data; the order of keys does not count. */
export function differences(ours: unknown, theirs: unknown, path = ''): Difference[] {
  if (isMap(ours) && isMap(theirs)) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) => differences(ours[key], theirs[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const length = Math.max(ours.length, theirs.length);
    return Array.from({ length }).flatMap((_, index) => differences(ours[index], theirs[index], `${path}[${index}]`));
  }
  return Object.is(ours, theirs) || isSameScript({ ours, theirs, path }) ? [] : [{ path, ours, theirs }];
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The original takes the names in these generated lines in random order. */
function isSameScript({ ours, theirs, path }: { ours: unknown; theirs: unknown; path: string }): boolean {
  if (!/^pipelines\.[\w-]+\.run$/.test(path) || typeof ours !== 'string' || typeof theirs !== 'string') return false;
  return toSortedLines(ours) === toSortedLines(theirs);
}

const toSortedLines = (script: string): string =>
  script
    .split('\n')
    .map((line) => (/^(build_images|ensure_pull_secrets) /.test(line) ? line.split(' ').sort().join(' ') : line))
    .join('\n');
