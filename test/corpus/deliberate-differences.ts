import type { Difference } from './compare.ts';

/** What a rule may look at besides the difference itself. */
interface DifferenceContext {
  /** The text of the file. */
  readonly source: string;
  /** The version that the file declares. */
  readonly version: string;
  /** What we warn of. */
  readonly warnings: readonly string[];
  /** What we print. */
  readonly print: Record<string, unknown>;
}

/** Something that we do otherwise than DevSpace 6.3.21 on purpose. */
export interface DeliberateDifference {
  readonly title: string;
  /** Why ours is better, for users. */
  readonly reason: string;
  readonly covers: (difference: Difference, context: DifferenceContext) => boolean;
}

/** The one list of deliberate differences: the corpus test allows these and no others, the docs show them. */
export const deliberateDifferences: readonly DeliberateDifference[] = [
  {
    title: '`dev.open` of older versions is kept',
    reason:
      'DevSpace 6 loses the pages while it upgrades a file; here they open with the first pod under `dev`, or with that of the only image.',
    covers: ({ path, theirs }, { version }) =>
      isOld(version) && /^dev(\.[^.]+\.open|\.open)?$/.test(path) && theirs === undefined,
  },
  {
    title: 'Parts under `dev` that name no pod are kept',
    reason:
      'DevSpace 6 drops them; here they go to the only pod under `dev`, or to that of the only image, and a warning tells it.',
    covers: ({ path, theirs }, { version, warnings }) =>
      isOld(version) &&
      path.startsWith('dev') &&
      theirs === undefined &&
      /names no pod: .* is taken/.test(warnings.join()),
  },
  {
    title: 'Generated pipelines use the names that the upgraded file has',
    reason:
      'Images and deployments get safe names during the upgrade, but DevSpace 6 writes the old ones into the pipelines, which then fail.',
    covers: ({ path, ours, theirs }, { version }) =>
      isOld(version) && /^pipelines\.[\w-]+\.run$/.test(path) && toSafeWords(ours) === toSafeWords(theirs),
  },
  {
    title: 'A namespace under `dev` is kept',
    reason:
      'When parts with equal selectors are put together, DevSpace 6 takes the namespace of the last part, even when that has none.',
    covers: ({ path, theirs }, { version }) =>
      isOld(version) && /^dev\.[^.]+\.namespace$/.test(path) && theirs === undefined,
  },
  {
    title: 'A terminal keeps its container',
    reason: 'Where a terminal names both a selector and a container, DevSpace 6 forgets the container.',
    covers: ({ path, theirs }, { version }) =>
      /^v1beta[12]$/.test(version) && /^dev\.[^.]+\.container$/.test(path) && theirs === undefined,
  },
  {
    title: 'Every part under `dev` keeps its entry',
    reason:
      'Two parts with the same name and different selectors get two entries; in DevSpace 6 the second replaces the first.',
    covers: ({ path }, { version, print }) => isOld(version) && hasNumberedSibling(path, print),
  },
  {
    title: '`disableShallow` does not stop pulling',
    reason: 'DevSpace 6 also sets `disablePull` where a dependency only wants the whole history.',
    covers: ({ path, ours, theirs }, { version }) =>
      isOld(version) && /^dependencies\.[^.]+\.disablePull$/.test(path) && ours === undefined && theirs === true,
  },
  {
    title: 'Timeouts of Helm are seconds',
    reason:
      'Older versions count seconds; Helm 3 wants a duration such as `180s` and refuses the bare number of DevSpace 6.',
    covers: ({ path, ours, theirs }, { version }) =>
      isOld(version) && /\.helm\.upgradeArgs\[\d+\]$/.test(path) && ours === `${String(theirs)}s`,
  },
  {
    title: '`profileParents` of dependencies are kept',
    reason: 'They are switched on before the dependency’s other profiles; DevSpace 6 drops them.',
    covers: ({ path }, { version }) => isOld(version) && /^dependencies\.[^.]+\.profiles/.test(path),
  },
  {
    title: 'A date stays as it is written',
    reason: 'DevSpace 6 reads `2024-05-01` without quotes as a moment and makes `2024-05-01T00:00:00Z` of it.',
    covers: ({ ours, theirs }) =>
      typeof ours === 'string' &&
      typeof theirs === 'string' &&
      theirs.includes('T00:00:00Z') &&
      ours === theirs.replaceAll('T00:00:00Z', ''),
  },
  {
    title: '`xargs` without a program prints its words',
    reason: 'That is what it does in every other shell; the one built into DevSpace 6 prints nothing.',
    covers: ({ ours, theirs }, { source }) =>
      /\| *xargs *\)/.test(source) &&
      typeof ours === 'string' &&
      typeof theirs === 'string' &&
      ours.length > theirs.length,
  },
  {
    title: 'Variables have the types that their version gave them',
    reason: 'DevSpace 3 and 4 make a number or a Boolean of a text that looks like one; DevSpace 6 leaves it a text.',
    covers: ({ ours, theirs }, { version }) =>
      /^v1(alpha\d|beta[1-8])$/.test(version) &&
      typeof ours !== 'string' &&
      typeof theirs === 'string' &&
      String(ours) === theirs,
  },
  {
    title: '`$${NAME}` stays `${NAME}`',
    reason: 'DevSpace 6 fills variables twice, so that the second time finds what the first has protected.',
    covers: ({ ours, theirs }, { source }) =>
      source.includes('$${') && typeof ours === 'string' && typeof theirs === 'string' && ours.includes('${'),
  },
];

/** Whether the path lies in one of several entries that would have had the same name. */
function hasNumberedSibling(path: string, { dev }: Record<string, unknown>): boolean {
  const name = /^dev\.([^.]+)/.exec(path)?.[1];
  if (name === undefined || typeof dev !== 'object' || dev === null) return false;
  return `${name.replace(/-\d+$/, '')}-1` in dev || `${name}-1` in dev;
}

const isOld = (version: string): boolean => version.startsWith('v1');

/** The script with all names in the form that the newest version allows, the letters of each line in any order. */
function toSafeWords(script: unknown): string {
  if (typeof script !== 'string') return '';
  const lines = script.split('\n').map((line) => line.toLowerCase().replace(/[^a-z0-9]+/g, ''));
  return lines.map((line) => [...line].sort().join('')).join('\n');
}
