import type { BuildChoice } from '../build/build-run.ts';
import { overrideImages } from '../build/override-images.ts';
import { type Lifetime, openLifetime } from '../core/lifetime.ts';
import type { TaggedImage } from '../deploy/image-tags.ts';
import type { PlannedDeployment } from '../deploy/planned-deployment.ts';
import { waitBegun } from '../deploy/wait-ready.ts';
import { openChartFolder } from '../helm/charts.ts';
import type { KubeClient } from '../kube/client.ts';
import { startAutoReload } from './auto-reload.ts';
import { type DependencyChoice, deployDependencies } from './dependencies.ts';
import { type DeployChoice, deployAll, planDeployments, selectDeployments } from './deployments.ts';
import { createHooks } from './hooks/hooks.ts';
import { buildAndPush, type HookedRun } from './images.ts';
import { openCluster } from './open-cluster.ts';
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
  using charts = openChartFolder();
  const plan = () => planDeployments(project, selectDeployments(project, options.deploy.only), { ...run, charts });
  const deployments = await plan();
  const kube = await openCluster(project, run);
  run.log.info(`Namespace ${kube.namespace}, context ${kube.context}`);

  const { timeoutMs, sync } = options.services;
  await step('Deploy dependencies', run.log, () =>
    deployDependencies(project, { ...options, timeoutMs, report: emptyReport() }, run),
  );
  const built = await buildAndDeploy(project, { ...options, deployments, kube }, run);
  if (options.until === 'deploy') return 0;

  const replace = (images: typeof built) => replaceDevPods(project, images, { ...run, kube, timeoutMs, sync });
  const services = createServices(await replace(built), kube, options.services, run);
  await step('Forward ports', run.log, async () => {
    await life.keep(services.forward());
    await life.keep(services.reverse());
  });
  await step('Synchronise', run.log, () => life.keep(services.sync()));
  const again = async (): Promise<void> => {
    await replace(await buildAndDeploy(project, { ...options, deployments: await plan(), kube }, run));
  };
  if (project.config.dev.autoReload) await life.keep(startAutoReload(project.config, again, run));
  return await step('Terminal', run.log, () => life.race(services.terminal()));
}

interface DeployPlan extends DevOptions {
  readonly deployments: readonly PlannedDeployment[];
  readonly kube: KubeClient;
}

/** Steps 1 to 3. Returns what was built. */
async function buildAndDeploy(
  project: Project,
  { deployments, kube, build, deploy, services: { timeoutMs } }: DeployPlan,
  run: HookedRun,
): Promise<TaggedImage[]> {
  const { name, config, kubeChoice } = project;
  const images = await step('Override entrypoints', run.log, async () =>
    overrideImages(config.images, config.dev.overrideImages),
  );
  const built = await step('Build and push', run.log, () => buildAndPush({ images, kubeChoice }, build, run));
  await step('Deploy', run.log, async () => {
    await providePullSecrets(project, deployments, { ...run, kube });
    const { objects } = await deployAll(deployments, built, { ...run, ...deploy, project: name, kube });
    await waitBegun(objects, { ...run, kube, timeoutMs });
  });
  return built;
}
