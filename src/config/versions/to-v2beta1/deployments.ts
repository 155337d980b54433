import type { Finding } from '../../finding.ts';
import { defined, isOn, listAt, mapAt, mapOrNothing, only, rename, textAt, textsAt, without } from '../data.ts';
import type { LegacyHelmKeys } from '../legacy.ts';
import { toSafeName } from '../names.ts';
import type { Data, UpgradeContext } from '../version.ts';

/** The list becomes a map; switches of Helm become arguments of its upgrade command. */
export function toDeployments(data: Data, context: UpgradeContext): Data {
  const entries = listAt(data, 'deployments').flatMap((deployment, index): [string, Data][] => {
    const given = textAt(deployment, 'name');
    if (given === '') {
      context.report(withoutName(index));
      return [];
    }
    const name = toSafeName(given);
    context.moved(['deployments', name], ['deployments', index]);
    const engine = deployment.helm ? 'helm' : 'kubectl';
    context.moved(['deployments', name, 'updateImageTags'], ['deployments', index, engine, 'replaceImageTags']);
    return [[name, toDeployment(deployment, { index, context })]];
  });
  return Object.fromEntries(entries);
}

const withoutName = (index: number): Finding => ({
  severity: 'warning',
  path: ['deployments', index],
  at: 'key',
  message: 'this has no effect, because it has no name',
});

/** Names of the deployments that run, first those that may run at the same time. */
export function deployedNames(data: Data): { concurrent: string[]; sequential: string[]; disabled: string[] } {
  const deployments = listAt(data, 'deployments').filter((deployment) => textAt(deployment, 'name') !== '');
  const names = (select: (deployment: Data) => boolean): string[] =>
    deployments.filter(select).map((deployment) => toSafeName(textAt(deployment, 'name')));
  return {
    disabled: names((deployment) => isOn(deployment, 'disabled')),
    concurrent: names((deployment) => !isOn(deployment, 'disabled') && isOn(deployment, 'concurrent')),
    sequential: names((deployment) => !isOn(deployment, 'disabled') && !isOn(deployment, 'concurrent')),
  };
}

/** Settings of Helm that have no key any more, by the name of the deployment. */
export function legacyHelm(data: Data): Record<string, LegacyHelmKeys> {
  const entries = listAt(data, 'deployments').flatMap((deployment): [string, LegacyHelmKeys][] => {
    const kept = only(mapAt(deployment, 'helm'), 'path', 'driver', 'fetchArgs', 'deleteArgs');
    return Object.keys(kept).length === 0 ? [] : [[toSafeName(textAt(deployment, 'name')), kept]];
  });
  return Object.fromEntries(entries);
}

interface Place {
  readonly index: number;
  readonly context: UpgradeContext;
}

function toDeployment(deployment: Data, place: Place): Data {
  const helm = mapOrNothing(deployment, 'helm');
  const kubectl = mapOrNothing(deployment, 'kubectl');
  const base = only(deployment, 'namespace');
  if (helm) return defined({ ...base, helm: toHelm(helm, place), updateImageTags: helm.replaceImageTags });
  if (kubectl)
    return defined({ ...base, kubectl: toKubectl(kubectl, place), updateImageTags: kubectl.replaceImageTags });
  return base;
}

function toHelm(helm: Data, place: Place): Data {
  warnAboutDropped({
    keys: ['recreate', 'tillerNamespace'],
    engine: 'helm',
    from: helm,
    place,
  });
  const chart = mapOrNothing(helm, 'chart');
  return defined({
    ...only(helm, 'values', 'valuesFiles', 'displayOutput', 'templateArgs'),
    upgradeArgs: [...textsAt(helm, 'upgradeArgs'), ...toUpgradeArgs(helm)],
    chart: chart && toChart(chart),
  });
}

function toUpgradeArgs(helm: Data): string[] {
  const timeout = textAt(helm, 'timeout');
  const when = (key: string, argument: string): string[] => (isOn(helm, key) ? [argument] : []);
  return [
    ...when('wait', '--wait'),
    ...(timeout === '' ? [] : ['--timeout', timeout]),
    ...when('atomic', '--atomic'),
    ...when('cleanupOnFail', '--cleanup-on-fail'),
    ...when('force', '--force'),
    ...when('disableHooks', '--no-hooks'),
  ];
}

function toChart(chart: Data): Data {
  const git = mapOrNothing(chart, 'git');
  return git ? { ...without(chart, 'git'), ...rename(git, 'url', 'git') } : chart;
}

function toKubectl(kubectl: Data, place: Place): Data {
  warnAboutDropped({ keys: ['deleteArgs'], engine: 'kubectl', from: kubectl, place });
  const kept = only(kubectl, 'kustomize', 'kustomizeArgs', 'createArgs', 'applyArgs');
  const manifests = textsAt(kubectl, 'manifests');
  return defined({
    ...kept,
    manifests: manifests.length > 0 ? manifests : undefined,
    kubectlBinaryPath: kubectl.cmdPath,
  });
}

interface Dropped {
  readonly keys: readonly string[];
  readonly engine: string;
  readonly from: Data;
  readonly place: Place;
}

function warnAboutDropped({ keys, engine, from, place }: Dropped): void {
  for (const key of keys.filter((candidate) => isSet(from[candidate]))) {
    place.context.report({
      severity: 'warning',
      path: ['deployments', place.index, engine, key],
      at: 'key',
      message: `\`${key}\` has no effect any more`,
    });
  }
}

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
