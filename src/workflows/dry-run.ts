import { unifiedDiff } from '../config/edit/diff-lines.ts';
import { toYaml } from '../config/to-yaml.ts';
import { type PlannedChange, plannedChanges } from '../deploy/planned-changes.ts';
import { refKey } from '../deploy/record/compare.ts';
import { openChartFolder } from '../helm/charts.ts';
import { objectName } from '../kube/objects.ts';
import { comparable } from './comparable-object.ts';
import { type DependencyChoice, forDependencies } from './dependencies.ts';
import { type DeployChoice, planDeployments, selectDeployments } from './deployments.ts';
import { createHooks } from './hooks/hooks.ts';
import { type HookedRun, imagesOf, provideImages } from './images.ts';
import type { Project } from './project.ts';
import type { Tools } from './tools.ts';

export interface DryRunOptions {
  readonly deploy: DeployChoice;
  readonly dependencies: DependencyChoice;
  readonly signal: AbortSignal;
}

/**
 * What `devspace deploy` would change, as one comparison per object; empty if nothing. Nothing is built, pushed or
 * changed, and no hook runs: images count with the tags that they would have.
 */
export async function dryRun(project: Project, options: DryRunOptions, tools: Tools): Promise<string> {
  const run = { ...tools, signal: options.signal };
  const hooked = { ...run, hooks: createHooks(project, run) };
  const changes: PlannedChange[] = [];
  await forDependencies(project, options.dependencies, hooked, async (dependency, dependencyRun) => {
    changes.push(...(await changesOf(dependency, { ...options.deploy, only: undefined }, dependencyRun)));
  });
  if (options.dependencies.only === undefined) changes.push(...(await changesOf(project, options.deploy, hooked)));
  tools.log.status(undefined);
  const differing = withoutMoved(changes).flatMap((change) => {
    const text = toDiff(change);
    return text === '' ? [] : [{ change, text }];
  });
  const count = (is: (change: PlannedChange) => boolean) => differing.filter(({ change }) => is(change)).length;
  const created = count(({ before }) => before === undefined);
  const deleted = count(({ after }) => after === undefined);
  const changed = differing.length - created - deleted;
  tools.log.done(`${created} to create, ${changed} to change, ${deleted} to delete; nothing was done`);
  return differing.map(({ text }) => `${text}\n`).join('');
}

async function changesOf(project: Project, deploy: DeployChoice, run: HookedRun): Promise<PlannedChange[]> {
  using charts = openChartFolder();
  const deployments = await planDeployments(project, selectDeployments(project, deploy.only), { ...run, charts });
  const kube = await run.kube(project.kubeChoice);
  const images = await provideImages(imagesOf(project), 'skip', run);
  const changes: PlannedChange[] = [];
  for (const deployment of deployments) {
    run.log.status(`Comparing ${deployment.name} with the cluster`);
    changes.push(...(await plannedChanges(deployment, images, { ...run, ...deploy, kube, project: project.name })));
  }
  return changes;
}

/** What leaves one deployment for another is not deleted. */
function withoutMoved(changes: readonly PlannedChange[]): PlannedChange[] {
  const applied = new Set(changes.filter(({ after }) => after).map(({ ref }) => refKey(ref)));
  return changes.filter(({ ref, after }) => after !== undefined || !applied.has(refKey(ref)));
}

function toDiff({ ref, before, after }: PlannedChange): string {
  const [old, next] = comparable(before, after);
  return unifiedDiff(objectName(ref), old === '' ? '' : toYaml(old), next === '' ? '' : toYaml(next));
}
