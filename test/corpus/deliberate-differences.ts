import type { Difference } from './compare.ts';

/** What a rule may look at besides the difference itself. */
export interface DifferenceContext {
  /** The version that the file declares. */
  readonly version: string;
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
    reason: 'DevSpace 6 loses the pages while it upgrades a file; here they open with the first pod under `dev`.',
    covers: ({ path, theirs }, { version }) =>
      isOld(version) && /^dev\.[^.]+\.open$/.test(path) && theirs === undefined,
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
    title: 'Every part under `dev` keeps its entry',
    reason:
      'Two parts with the same name and different selectors get two entries; in DevSpace 6 the second replaces the first.',
    covers: ({ path, theirs }, { version }) => isOld(version) && /^dev\.[^.]+-\d+$/.test(path) && theirs === undefined,
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
];

const isOld = (version: string): boolean => version.startsWith('v1');

/** The script with all names in the form that the newest version allows, in any order. */
function toSafeWords(script: unknown): string {
  if (typeof script !== 'string') return '';
  return script
    .split('\n')
    .map((line) => line.split(' ').map(toSafeWord).sort().join(' '))
    .join('\n');
}

const toSafeWord = (word: string): string =>
  word.startsWith('--')
    ? word
    : word
        .toLowerCase()
        .replace(/[@/.:\s]+/g, '-')
        .replace(/[^a-z0-9-]+/g, '');
