import { InvalidArgumentError } from 'commander';
import type { OptionDefinition } from './define-command.ts';

/** `--flag`, `--flag=true`, `--flag=false`. */
function parseSwitch(value: string): boolean {
  if (/^(true|1|yes)$/i.test(value)) return true;
  if (/^(false|0|no)$/i.test(value)) return false;
  throw new InvalidArgumentError('It takes true or false.');
}

/** A number of seconds that is not negative. */
export function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new InvalidArgumentError('It takes a number of seconds.');
}

/** `a,b` and repeated flags. */
export function parseNames(value: string, previous: unknown): string[] {
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return Array.isArray(previous) ? [...(previous as string[]), ...names] : names;
}

/** `key=value,key2=value2` as the labels of a selector. */
export function parseLabels(value: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const pair of value.split(',')) {
    const [, key, text] = /^\s*([^=\s]+)={1,2}([^=\s]*)\s*$/.exec(pair) ?? [];
    if (key === undefined || text === undefined) {
      throw new InvalidArgumentError('It takes labels such as app=web,tier=front.');
    }
    labels[key] = text;
  }
  return labels;
}

export const switchOption = (flags: string, description: string): OptionDefinition => ({
  flags: `${flags} [true|false]`,
  description,
  default: true,
  parse: parseSwitch,
});

/** A flag that takes one of a few words. */
export const choiceOption = (flags: string, description: string, choices: readonly string[]): OptionDefinition => ({
  flags,
  description: `${description}: ${choices.join(', ')}`,
  parse(value): string {
    if (choices.includes(value)) return value;
    throw new InvalidArgumentError(`It takes one of ${choices.join(', ')}.`);
  },
});

/** The result for other programs; without the flag nothing is printed on stdout. */
export const outputJson = choiceOption('-o, --output <format>', 'Print the result on stdout at the end', ['json']);

export const timeout: OptionDefinition = {
  flags: '--timeout <seconds>',
  description: 'How long to wait for what was deployed',
  default: 120,
  parse: parseSeconds,
};

/** Whether images are pushed. */
export const skipPush: readonly OptionDefinition[] = [
  { flags: '--skip-push', description: 'Do not push the images, for clusters that share the Docker Engine' },
  switchOption('--skip-push-local-kube', 'Do not push where the cluster of this machine gets the images without'),
];

export const forceBuild: OptionDefinition = {
  flags: '-b, --force-build',
  description: 'Build every image, also those that did not change',
};

export const skipBuild: OptionDefinition = {
  flags: '--skip-build',
  description: 'Do not build; the images must be there with the tags that follow from their content',
};

/** A whole number that is not negative. */
export function parseCount(value: string): number {
  const count = Number(value);
  if (value.trim() !== '' && Number.isInteger(count) && count >= 0) return count;
  throw new InvalidArgumentError('It takes a whole number, not below 0.');
}

const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/** `90`, `90s`, `5m` or `1h30m` as seconds. */
export function parseDuration(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  if (!/^(\d+h)?(\d+m)?(\d+s)?$/.test(value) || value === '') {
    throw new InvalidArgumentError('It takes a duration such as 30s, 5m or 1h30m.');
  }
  const parts = [...value.matchAll(/(\d+)([hms])/g)];
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (unitSeconds[unit] ?? 1), 0);
}

/** How many images are built at the same time. */
export const parallelBuilds: readonly OptionDefinition[] = [
  {
    flags: '--max-concurrent-builds <number>',
    description: 'Build at most so many images at the same time; 0 for no limit',
    parse: parseCount,
  },
  { flags: '--build-sequential', description: 'Build the images one after the other' },
];

export interface BuildFlags {
  readonly skipPush?: boolean;
  readonly skipPushLocalKube?: boolean;
  readonly forceBuild?: boolean;
  readonly maxConcurrentBuilds?: number;
  readonly buildSequential?: boolean;
}

function countAtOnce({ buildSequential: one, maxConcurrentBuilds: most = 0 }: BuildFlags): number | undefined {
  if (one) return 1;
  return most === 0 ? undefined : most;
}

/** What the flags say about building. */
export const toBuildChoice = (flags: BuildFlags) =>
  ({
    push: flags.skipPush ? 'keep local' : flags.skipPushLocalKube ? 'where needed' : 'push',
    rebuild: flags.forceBuild ? 'always' : 'when needed',
    atOnce: countAtOnce(flags),
  }) as const;

/** What the flags say about coming to the images. */
export const toImageChoice = ({ skipBuild: skips, ...flags }: BuildFlags & { readonly skipBuild?: boolean }) =>
  skips ? ('skip' as const) : toBuildChoice(flags);

export const deployments: OptionDefinition = {
  flags: '--deployments <names>',
  description: 'Only these deployments, separated by commas',
  parse: parseNames,
};

export const dependency: OptionDefinition = {
  flags: '--dependency <names>',
  description: 'Only these dependencies, and the project itself not',
  parse: parseNames,
};

export const skipDependency: OptionDefinition = {
  flags: '--skip-dependency <names>',
  description: 'Leave these dependencies out',
  parse: parseNames,
};

export const forceConflicts: OptionDefinition = {
  flags: '--force-conflicts',
  description: 'Take over fields that another field manager owns',
};

export const forceDeploy: OptionDefinition = {
  flags: '-d, --force-deploy',
  description: 'Deploy also what did not change, and what another run seems to be at',
};

interface DeployFlags {
  readonly deployments?: readonly string[];
  readonly forceConflicts?: boolean;
  readonly forceDeploy?: boolean;
}

/** What the flags say about deploying. */
export const toDeployChoice = ({ deployments: only, forceConflicts, forceDeploy: always }: DeployFlags) =>
  ({
    only,
    conflicts: forceConflicts ? 'take' : 'fail',
    redeploy: always ? 'always' : 'when changed',
  }) as const;

export const labelSelector: OptionDefinition = {
  flags: '-l, --label-selector <labels>',
  description: 'Labels of the pod, such as app=web',
  parse: parseLabels,
};

export const selectorName: OptionDefinition = {
  flags: '--selector <name>',
  description: 'Name of a selector of the configuration',
};

export const removeEverything: OptionDefinition = { flags: '--all', description: 'Remove all of them' };
