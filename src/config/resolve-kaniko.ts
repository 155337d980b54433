import type { KanikoBuild, KanikoMount } from './kaniko-build.ts';
import type { Model } from './schema/v2beta1.ts';

type ImageModel = NonNullable<Model['images']>[string];
type KanikoModel = NonNullable<ImageModel['kaniko']>;

/**
 * Whether and how an image is built in the cluster: always with `kaniko` alone, else in place of a Docker Engine that
 * does not answer, unless the file forbids it. BuildKit is asked for by name, so nothing stands in for it.
 */
export function toKanikoBuild({ docker, buildKit, kaniko }: ImageModel): { inCluster?: KanikoBuild } {
  if (buildKit) return {};
  if (kaniko && !docker) return { inCluster: toKaniko(kaniko, 'always') };
  if (docker?.disableFallback) return {};
  return { inCluster: toKaniko(kaniko ?? { cache: true }, 'without engine') };
}

function toKaniko(kaniko: KanikoModel, when: KanikoBuild['when']): KanikoBuild {
  const { cache = false, snapshotMode, insecure = false, skipPullSecretMount, additionalMounts = [], ...rest } = kaniko;
  const { args = [], command, tolerations, ...others } = rest;
  return {
    when,
    cache,
    snapshotMode: snapshotMode || 'time',
    args,
    insecure,
    mountLogin: !skipPullSecretMount,
    additionalMounts: additionalMounts.flatMap(toMount),
    ...present(others),
    ...(command?.length ? { command } : {}),
    ...(tolerations?.length ? { tolerations } : {}),
  };
}

function toMount({ secret, configMap, mountPath, subPath, readOnly }: AdditionalMount): KanikoMount[] {
  if (!mountPath) return [];
  const place = { mountPath, readOnly: readOnly ?? false, ...(subPath ? { subPath } : {}) };
  const { name: secretName, ...of } = secret ?? {};
  if (secretName !== undefined) return [{ ...place, volume: { secret: { secretName, ...of } } }];
  return configMap ? [{ ...place, volume: { configMap } }] : [];
}

type AdditionalMount = NonNullable<KanikoModel['additionalMounts']>[number];

/** What is written; an empty text is as if it were not. */
function present<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}
