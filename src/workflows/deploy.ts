import type { PushMode } from '../build/build-image.ts';
import { waitReady } from '../deploy/wait-ready.ts';
import { type DeployChoice, deployAll, planDeployments } from './deployments.ts';
import { createHooks } from './hooks/hooks.ts';
import { buildAndPush, type HookedRun } from './images.ts';
import type { Project } from './project.ts';
import { step } from './step.ts';
import type { Tools } from './tools.ts';

export interface DeployOptions {
  readonly push: PushMode;
  readonly deploy: DeployChoice;
  /** Deadline for everything that was deployed to become ready. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Builds with the Dockerfiles as they are, deploys, and returns once all of it is ready. */
export async function deploy(project: Project, options: DeployOptions, tools: Tools): Promise<void> {
  const run = { ...tools, signal: options.signal };
  const hooks = createHooks(project, run);
  await hooks.command('deployCommand', () => buildAndDeploy(project, options, { ...run, hooks }));
}

async function buildAndDeploy(project: Project, options: DeployOptions, run: HookedRun): Promise<void> {
  const deployments = planDeployments(project, options.deploy.only);
  const kube = await run.kube(project.kubeChoice);
  run.log.info(`Namespace ${kube.namespace}, context ${kube.context}`);

  const images = await step('Build and push', run.log, () => buildAndPush(project.config.images, options.push, run));
  const applied = await step('Deploy', run.log, () =>
    deployAll(deployments, images, { ...run, ...options.deploy, kube }),
  );
  await step('Wait', run.log, () => waitReady(applied, { ...run, kube, timeoutMs: options.timeoutMs }));
  run.log.done('Everything that was deployed is ready');
}
