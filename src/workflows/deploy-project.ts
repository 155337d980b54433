import type { BuiltImage } from '../build/build-run.ts';
import type { Deployed } from '../deploy/record/prune.ts';
import { waitReady } from '../deploy/wait-ready.ts';
import { openChartFolder } from '../helm/charts.ts';
import type { ObjectRef } from '../kube/objects.ts';
import { type DeployChoice, deployAll, planDeployments } from './deployments.ts';
import { type HookedRun, type ImageChoice, imagesOf, provideImages } from './images.ts';
import type { Project } from './project.ts';
import { providePullSecrets } from './pull-secrets.ts';
import { step } from './step.ts';

export interface DeployProjectOptions {
  readonly build: ImageChoice;
  readonly deploy: DeployChoice;
  /** Deadline for everything that was deployed to become ready. */
  readonly timeoutMs: number;
}

/** What became of a project; its names are part of the JSON that `--output json` prints. */
export interface DeployReport {
  readonly images: readonly BuiltImage[];
  readonly deployments: readonly DeploymentReport[];
  readonly pruned: readonly ObjectRef[];
}

interface DeploymentReport {
  readonly project: string;
  readonly name: string;
  readonly namespace: string;
  readonly outcome: 'deployed' | 'skipped';
  /** Of the release, for charts. */
  readonly revision?: number;
  readonly objects: readonly ObjectRef[];
}

/** Builds one project with its Dockerfiles as they are, deploys it, and returns once all of it is ready. */
export async function deployProject(
  project: Project,
  options: DeployProjectOptions,
  run: HookedRun,
): Promise<DeployReport> {
  using charts = openChartFolder();
  const deployments = await planDeployments(project, options.deploy.only, { ...run, charts });
  const kube = await run.kube(project.kubeChoice);
  run.log.info(`Namespace ${kube.namespace}, context ${kube.context}`);

  const images = await step('Build and push', run.log, () => provideImages(imagesOf(project), options.build, run));
  await step('Create pull secrets', run.log, () => providePullSecrets(project, deployments, { ...run, kube }));
  const deployed = await step('Deploy', run.log, () =>
    deployAll(deployments, images, { ...run, ...options.deploy, project: project.name, kube }),
  );
  await step('Wait', run.log, () => waitReady(deployed.objects, { ...run, kube, timeoutMs: options.timeoutMs }));
  return { images, deployments: deployed.deployments.map(toReport), pruned: deployed.pruned };
}

function toReport({ id, outcome, record }: Deployed): DeploymentReport {
  const { revision, objects } = record;
  return {
    project: id.project,
    name: id.deployment,
    namespace: id.namespace,
    outcome,
    ...(revision === undefined ? {} : { revision }),
    objects: objects.map(({ owned: _, ...ref }) => ref),
  };
}
