import { waitReady } from '../deploy/wait-ready.ts';
import { openChartFolder } from '../helm/charts.ts';
import { type DeployChoice, deployAll, planDeployments } from './deployments.ts';
import { type HookedRun, type ImageChoice, provideImages } from './images.ts';
import type { Project } from './project.ts';
import { step } from './step.ts';

export interface DeployProjectOptions {
  readonly build: ImageChoice;
  readonly deploy: DeployChoice;
  /** Deadline for everything that was deployed to become ready. */
  readonly timeoutMs: number;
}

/** Builds one project with its Dockerfiles as they are, deploys it, and returns once all of it is ready. */
export async function deployProject(project: Project, options: DeployProjectOptions, run: HookedRun): Promise<void> {
  using charts = openChartFolder();
  const deployments = await planDeployments(project, options.deploy.only, { ...run, charts });
  const kube = await run.kube(project.kubeChoice);
  run.log.info(`Namespace ${kube.namespace}, context ${kube.context}`);

  const images = await step('Build and push', run.log, () => provideImages(project.config.images, options.build, run));
  const applied = await step('Deploy', run.log, () =>
    deployAll(deployments, images, { ...run, ...options.deploy, project: project.name, kube }),
  );
  await step('Wait', run.log, () => waitReady(applied, { ...run, kube, timeoutMs: options.timeoutMs }));
}
