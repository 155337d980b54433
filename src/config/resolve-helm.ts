import path from 'node:path';
import type { ResolveContext } from './resolve-context.ts';
import type { Model } from './schema/v2beta1.ts';
import type { ChartConfig, GitSource, HelmDeployment, LegacyHelm } from './types.ts';
import type { LegacyHelmKeys } from './versions/legacy.ts';

type HelmModel = NonNullable<NonNullable<Model['deployments']>[string]['helm']>;
type ChartModel = NonNullable<HelmModel['chart']>;

/** A chart with everything that decides how Helm deploys it. */
export function toHelm(
  { name, helm }: { readonly name: string; readonly helm: HelmModel },
  context: ResolveContext,
): Omit<HelmDeployment, 'name' | 'updateImageTags' | 'namespace'> {
  return {
    type: 'helm',
    releaseName: helm.releaseName || name,
    chart: toChart(helm.chart ?? {}, context),
    values: helm.values ?? {},
    valuesFiles: helm.valuesFiles ?? [],
    upgradeArgs: helm.upgradeArgs ?? [],
    templateArgs: helm.templateArgs ?? [],
    displayOutput: helm.displayOutput ?? false,
    disableDependencyUpdate: helm.disableDependencyUpdate ?? false,
    legacy: toLegacyHelm(context.legacy.helm?.[name] ?? {}),
  };
}

function toChart(chart: ChartModel, { projectRoot }: ResolveContext): ChartConfig {
  const { version, repo, username, password } = chart;
  const folder = chart.path ? path.resolve(projectRoot, chart.path, chart.subPath ?? '') : undefined;
  return {
    name: folder ?? chart.name ?? '',
    ...(version ? { version } : {}),
    ...(repo ? { repo } : {}),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(chart.git ? { git: toGitSource(chart.git, chart) } : {}),
  };
}

function toGitSource(git: string, chart: ChartModel): GitSource {
  const { subPath, branch, tag, revision } = chart;
  return {
    git,
    ...(subPath ? { subPath } : {}),
    ...(branch ? { branch } : {}),
    ...(tag ? { tag } : {}),
    ...(revision ? { revision } : {}),
    cloneArgs: chart.cloneArgs ?? [],
    disableShallow: chart.disableShallow ?? false,
    disablePull: chart.disablePull ?? false,
  };
}

function toLegacyHelm({ path: binary, driver, fetchArgs, deleteArgs }: LegacyHelmKeys): LegacyHelm {
  return {
    ...(binary ? { binary } : {}),
    ...(driver ? { driver } : {}),
    ...(fetchArgs ? { fetchArgs } : {}),
    ...(deleteArgs ? { deleteArgs } : {}),
  };
}
