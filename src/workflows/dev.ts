import type { BuildChoice } from '../build/build-run.ts';
import { overrideImages } from '../build/override-images.ts';
import { type Lifetime, openLifetime } from '../core/lifetime.ts';
import { waitBegun } from '../deploy/wait-ready.ts';
import { openChartFolder } from '../helm/charts.ts';
import { type DependencyChoice, deployDependencies } from './dependencies.ts';
import { type DeployChoice, deployAll, planDeployments, selectDeployments } from './deployments.ts';
import { createHooks } from './hooks/hooks.ts';
import { buildAndPush, type HookedRun } from './images.ts';
import type { Project } from './project.ts';
import { lockProject } from './project-lock.ts';
import { providePullSecrets } from './pull-secrets.ts';
import { replaceDevPods } from './replace-pods.ts';
import { emptyReport } from './run-report.ts';
import { createServices, type ServiceChoice } from './services.ts';
import { step } from './step.ts';
import type { Tools } from './tools.ts';

export interface DevOptions {
  readonly build: BuildChoice;
  readonly deploy: DeployChoice;
  readonly dependencies: DependencyChoice;
  readonly services: ServiceChoice;
  /** `deploy`: stop before the services start. */
  readonly until: 'the end' | 'deploy';
  readonly signal: AbortSignal;
}

/**
 * Develops in the cluster: the six steps. Returns the exit code of the terminal. Whatever ends it, nothing of it is left
 * running here or in the container. Rejects with `PROJECT_LOCKED` if it already runs in this project.
 */
export async function dev(project: Project, options: DevOptions, tools: Tools): Promise<number> {
  await using _lock = lockProject(project.root);
  await using life = openLifetime(options.signal);
  const run = { ...tools, signal: life.signal };
  const hooks = createHooks(project, run);
  return await hooks.command('devCommand', () => sixSteps(project, options, { ...run, hooks, life }));
}

interface DevRun extends HookedRun {
  readonly life: Lifetime;
}

async function sixSteps(project: Project, options: DevOptions, { life, ...run }: DevRun): Promise<number> {
  const { config } = project;
  using charts = openChartFolder();
  const deployments = await planDeployments(project, selectDeployments(project, options.deploy.only), {
    ...run,
    charts,
  });
  const kube = await run.kube(project.kubeChoice);
  run.log.info(`Namespace ${kube.namespace}, context ${kube.context}`);

  const { timeoutMs, sync } = options.services;
  await step('Deploy dependencies', run.log, () =>
    deployDependencies(project, { ...options, timeoutMs, report: emptyReport() }, run),
  );
  const images = await step('Override entrypoints', run.log, async () =>
    overrideImages(config.images, config.dev.overrideImages),
  );
  const built = await step('Build and push', run.log, () =>
    buildAndPush({ images, kubeChoice: project.kubeChoice }, options.build, run),
  );
  await step('Deploy', run.log, async () => {
    await providePullSecrets(project, deployments, { ...run, kube });
    const { objects } = await deployAll(deployments, built, { ...run, ...options.deploy, project: project.name, kube });
    await waitBegun(objects, { ...run, kube, timeoutMs });
  });
  if (options.until === 'deploy') return 0;

  const developed = await replaceDevPods(project, built, { ...run, kube, timeoutMs, sync });
  const services = createServices(developed, kube, options.services, run);
  await step('Forward ports', run.log, async () => {
    await life.keep(services.forward());
    await life.keep(services.reverse());
  });
  await step('Synchronise', run.log, () => life.keep(services.sync()));
  return await step('Terminal', run.log, () => life.race(services.terminal()));
}
