import { waitReady } from '../deploy/wait-ready.ts';
import { openChartFolder } from '../helm/charts.ts';
import { type DeployChoice, deployAll, planDeployments, selectDeployments } from './deployments.ts';
import { type HookedRun, type ImageChoice, imagesOf, provideImages } from './images.ts';
import type { Project } from './project.ts';
import { providePullSecrets } from './pull-secrets.ts';
import { openLedger, type RunReport } from './run-report.ts';
import { step } from './step.ts';

export interface DeployProjectOptions {
  readonly build: ImageChoice;
  readonly deploy: DeployChoice;
  /** Deadline for everything that was deployed to become ready. */
  readonly timeoutMs: number;
  /** Filled with what becomes of everything. */
  readonly report: RunReport;
}

/** Builds one project with its Dockerfiles as they are, deploys it, and returns once all of it is ready. */
export async function deployProject(project: Project, options: DeployProjectOptions, run: HookedRun): Promise<void> {
  using charts = openChartFolder();
  const { report } = options;
  const wanted = selectDeployments(project, options.deploy.only);
  const ledger = openLedger(project, wanted, report);
  const deployments = await planDeployments(project, wanted, { ...run, charts, ledger });
  const kube = await run.kube(project.kubeChoice);
  run.log.info(`Namespace ${kube.namespace}, context ${kube.context}`);

  const images = await step('Build and push', run.log, () =>
    provideImages(imagesOf(project), options.build, { ...run, report }),
  );
  await step('Create pull secrets', run.log, () => providePullSecrets(project, deployments, { ...run, kube }));
  const deployed = await step('Deploy', run.log, () =>
    deployAll(deployments, images, { ...run, ...options.deploy, project: project.name, kube, ledger }),
  );
  report.pruned.push(...deployed.pruned);
  const wait = { ...run, kube, timeoutMs: options.timeoutMs, onFailure: ledger.notReady };
  await step('Wait', run.log, () => waitReady(deployed.objects, wait));
}
