import type { BuildChoice } from '../build/build-run.ts';
import { UserError } from '../core/errors.ts';
import { type DeployProjectOptions, deployProject } from './deploy-project.ts';
import { type PurgeReport, planPurge, purgeAll, purging } from './deployments.ts';
import { createHooks } from './hooks/hooks.ts';
import { buildAndPush, type HookedRun, imagesOf } from './images.ts';
import type { DependencyProject, Project } from './project.ts';

/** Which dependencies take part; all without it. */
export interface DependencyChoice {
  /** Only these, and the project itself not. */
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
}

interface DependencyOptions extends DeployProjectOptions {
  readonly dependencies: DependencyChoice;
}

/**
 * Builds and deploys the dependencies, each once and what one needs before itself, and waits until they are ready.
 * Rejects with `USAGE` if a flag names one that the project does not have.
 */
export async function deployDependencies(project: Project, options: DependencyOptions, run: HookedRun): Promise<void> {
  const wanted = await selectDependencies(project, options.dependencies);
  if (wanted.length === 0) return;
  const all = { ...options, deploy: { ...options.deploy, only: undefined } };
  await run.hooks.around({ step: 'deployDependencies' }, () =>
    forEach(wanted, run, (dependency, dependencyRun) => deployProject(dependency, all, dependencyRun)),
  );
}

/** Builds the images of the dependencies. */
export async function buildDependencies(
  project: Project,
  options: Pick<DependencyOptions, 'dependencies'> & { readonly build: BuildChoice },
  run: HookedRun,
): Promise<void> {
  const wanted = await selectDependencies(project, options.dependencies);
  if (wanted.length === 0) return;
  await run.hooks.around({ step: 'buildDependencies' }, () =>
    forEach(wanted, run, async (dependency, dependencyRun) => {
      await buildAndPush(imagesOf(dependency), options.build, dependencyRun);
    }),
  );
}

/** Deletes what the dependencies deployed, the last one first. */
export async function purgeDependencies(
  project: Project,
  choice: DependencyChoice,
  run: HookedRun,
): Promise<PurgeReport[]> {
  const wanted = await selectDependencies(project, choice);
  if (wanted.length === 0) return [];
  const reports = await run.hooks.around({ step: 'purgeDependencies' }, () =>
    forEach(wanted.reverse(), run, async (dependency, dependencyRun) => {
      const kube = await run.kube(dependency.kubeChoice);
      const deployments = (await planPurge(dependency, undefined, run)).reverse();
      return purgeAll(deployments, { ...dependencyRun, kube, ...purging, project: dependency.name });
    }),
  );
  return reports.flat();
}

/** Does something with each of the dependencies, in the order in which they are deployed. */
export async function forDependencies(
  project: Project,
  choice: DependencyChoice,
  run: HookedRun,
  work: (project: Project, run: HookedRun) => Promise<void>,
): Promise<void> {
  await forEach(await selectDependencies(project, choice), run, work);
}

async function selectDependencies(
  project: Project,
  { only, skip = [] }: DependencyChoice,
): Promise<DependencyProject[]> {
  const all = await project.dependencies();
  const names = all.map(({ name }) => name);
  for (const name of [...(only ?? []), ...skip]) {
    if (names.includes(name)) continue;
    throw new UserError('USAGE', `There is no dependency ${name}.`, {
      hint: `This project has: ${names.join(', ') || 'none'}.`,
    });
  }
  return all.filter(({ name }) => (only === undefined || only.includes(name)) && !skip.includes(name));
}

async function forEach<T>(
  dependencies: readonly DependencyProject[],
  run: HookedRun,
  work: (project: Project, run: HookedRun) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const { name, project } of dependencies) {
    const own = { ...run, log: run.log.child(name) };
    results.push(await work(project, { ...own, hooks: createHooks(project, own) }));
  }
  return results;
}
