import type { Model } from '../config/schema/v2beta1.ts';

/** Sections that are read and checked, but that this version does not act on. */
const sections = ['localRegistry'] as const;
/** Older files get these from their upgrade, and then they say only what we do anyway. */
const ownSections = ['pipelines', 'functions'] as const;
const imageKeys = ['restartHelperPath'];
/** `kubectl` builds kustomizations only; objects are applied by ourselves. */
const kubectlKeys = ['applyArgs', 'createArgs'] as const;
/** What these arguments ask for is what we do, or is told to the cluster by ourselves. */
const doneAnyway = /^--(server-side|force-conflicts|wait|validate|record|overwrite)(=|$)/;
const devKeys = ['persistPaths', 'ssh', 'proxyCommands', 'attach'];

/**
 * The key paths of settings that have no effect yet, so that nobody waits for what will not come. `declaredVersion` is
 * the version that the file names.
 */
export function ignoredSettings(model: Model, declaredVersion: string): string[] {
  const written = declaredVersion.startsWith('v2') ? [...sections, ...ownSections] : sections;
  return [
    ...written.filter((key) => isSet(model[key])),
    ...ignoredKeys('images', model.images, imageKeys),
    ...Object.entries(model.images ?? {}).flatMap(([name, { buildKit }]) =>
      buildKit?.inCluster ? [`images.${name}.buildKit.inCluster`] : [],
    ),
    ...Object.entries(model.deployments ?? {}).flatMap(([name, { kubectl }]) =>
      kubectlKeys.flatMap((key) => {
        const without = kubectl?.[key]?.filter((arg) => !doneAnyway.test(arg)) ?? [];
        return without.length === 0 ? [] : [`deployments.${name}.kubectl.${key} (${without.join(' ')})`];
      }),
    ),
    ...ignoredKeys('dev', model.dev, devKeys),
  ];
}

function ignoredKeys(section: string, entries: object | undefined, keys: readonly string[]): string[] {
  return Object.entries(entries ?? {}).flatMap(([name, entry]: [string, object]) =>
    Object.entries(entry)
      .filter(([key, value]) => keys.includes(key) && isSet(value))
      .map(([key]) => `${section}.${name}.${key}`),
  );
}

/** Empty sections and switches that are off ask for nothing. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
