import { homedir } from 'node:os';
import path from 'node:path';
import { fetchSource } from '../config/imports/fetch-source.ts';
import type { DeploymentConfig } from '../config/types.ts';
import type { Run } from './tools.ts';

/**
 * The deployment with a chart of a git repository as a folder on this machine; all others as they are. Clones are kept
 * where those of dependencies are. Passwords of repositories are kept out of all further messages.
 */
export async function withFetchedChart(
  deployment: DeploymentConfig,
  projectRoot: string,
  run: Run,
): Promise<DeploymentConfig> {
  if (deployment.type !== 'helm') return deployment;
  const { git, ...chart } = deployment.chart;
  run.redactor.add(chart.password);
  if (!git) return deployment;
  const home = run.env['HOME'] || run.env['USERPROFILE'] || homedir();
  run.log.status(`Fetching the chart of ${deployment.name} from ${git.git}`);
  const folder = await fetchSource(git, {
    cwd: projectRoot,
    basePath: projectRoot,
    userFolder: path.join(home, '.devspace'),
    env: run.env,
    signal: run.signal,
    warn: (message) => run.log.warn(message),
  });
  run.log.status(undefined);
  return { ...deployment, chart: { ...chart, name: folder } };
}
