import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ChartConfig, HelmDeployment } from '../../config/types.ts';
import { errorText, UserError } from '../../core/errors.ts';
import { dependencyState, pullChart, updateDependencies } from '../../helm/charts.ts';
import { fetchFlags, selectFlags } from '../../helm/flags.ts';
import { type Helm, helmEnvironment, helmVersion } from '../../helm/run-helm.ts';
import type { ChartValues, PlannedRelease, RenderRun } from '../planned-deployment.ts';
import { readValues } from '../read-values.ts';
import { dependenciesBeside, isOutdated } from './dependencies-beside.ts';
import { helmProgram } from './helm-program.ts';

/**
 * Makes the chart available and reads the values, so that a mistake in them is told before anything is built. Rejects
 * with `HELM_MISSING` or `HELM_CHART`.
 */
export async function planRelease(
  deployment: HelmDeployment,
  projectRoot: string,
  run: RenderRun,
): Promise<PlannedRelease> {
  const { name, namespace, updateImageTags, valuesFiles } = deployment;
  const read = (file: string) => readValues({ file, name, code: 'HELM_CHART' }, projectRoot);
  const fileValues = valuesFiles.map(read);
  const env = helmEnvironment(run.env, { kubeconfig: run.env['KUBECONFIG'] });
  const helm = { program: helmProgram(deployment, projectRoot), cwd: projectRoot, env, signal: run.signal };
  await helmVersion(helm);
  const local = localChart(deployment, projectRoot);
  const chart = local ?? (await fetchChart(helm, deployment, run));
  const isFolder = statSync(chart).isDirectory();
  if (isFolder && !deployment.disableDependencyUpdate) await completeDependencies(helm, chart, run);
  const own = path.join(chart, 'values.yaml');
  return {
    kind: 'release',
    name,
    updateImageTags,
    ...(namespace === undefined ? {} : { namespace }),
    helm: deployment,
    chart,
    chartValues: isFolder && existsSync(own) ? read(own) : {},
    fileValues,
    projectRoot,
  };
}

/** The folder or archive of a chart that is on this machine. Throws `HELM_CHART` for one that is meant, but not there. */
function localChart({ name, chart }: HelmDeployment, projectRoot: string): string | undefined {
  if (chart.repo || /^(oci|https?):\/\//.test(chart.name)) return undefined;
  const local = path.resolve(projectRoot, chart.name);
  const stats = chart.name === '' ? undefined : statSync(local, { throwIfNoEntry: false });
  if (!stats) {
    // the user's own Helm may know a repository of that name
    if (isReference(chart)) return undefined;
    throw new UserError('HELM_CHART', `Deployment ${name}: there is no chart ${chart.name || '(without a name)'}`, {
      hint: 'Set chart.name to the folder of a chart, or chart.repo to the address of its repository.',
    });
  }
  if (!stats.isDirectory() || existsSync(path.join(local, 'Chart.yaml'))) return local;
  throw new UserError('HELM_CHART', `Deployment ${name}: the folder ${chart.name} is no chart, it has no Chart.yaml`);
}

const isReference = ({ name }: ChartConfig): boolean => /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(name);

async function fetchChart(helm: Helm, deployment: HelmDeployment, { log, charts }: RenderRun): Promise<string> {
  const { chart, legacy, upgradeArgs } = deployment;
  log.status(`Fetching the chart ${chart.name}`);
  const args = [...(legacy.fetchArgs ?? []), ...selectFlags(upgradeArgs, fetchFlags)];
  const archive = await pullChart(helm, { ...chart, args }, charts.path());
  log.status(undefined);
  return archive;
}

/** Charts that this one depends on are fetched where they are missing or have changed, not each time as in the original. */
async function completeDependencies(helm: Helm, chart: string, { log }: RenderRun): Promise<void> {
  if (!namesDependencies(chart)) return;
  const isFresh = !dependenciesBeside(chart).some((dependency) => isOutdated(chart, dependency));
  if (isFresh && (await dependencyState(helm, chart)) !== 'incomplete') return;
  log.status(`Fetching the charts that ${path.basename(chart)} depends on`);
  try {
    await updateDependencies(helm, chart);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'HELM_CHART') throw error;
    // Helm refuses to install it if something is missing in earnest
    log.warn(errorText(error));
  }
  log.status(undefined);
}

function namesDependencies(chart: string): boolean {
  if (existsSync(path.join(chart, 'requirements.yaml'))) return true;
  const { dependencies }: ChartValues = readValues(
    { file: path.join(chart, 'Chart.yaml'), name: path.basename(chart), code: 'HELM_CHART' },
    chart,
  );
  return Array.isArray(dependencies) && dependencies.length > 0;
}
