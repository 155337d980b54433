import { UserError } from '../core/errors.ts';
import { selectFlags, valueFlags } from './flags.ts';
import { clusterFlags, type Helm, type HelmCluster, helmVersion, helmWords, runHelm } from './run-helm.ts';

/** A chart that is to be installed under a name. */
export interface ReleasePlan {
  readonly release: string;
  /** Absolute path of a folder or an archive. */
  readonly chart: string;
  /** Values that win over those of the chart. */
  readonly values: unknown;
  /** More arguments, as the user wrote them. */
  readonly args: readonly string[];
}

/** Helm needs some time to take back what it began. */
const rollbackMs = 120_000;

/**
 * Installs or upgrades the release and gives what Helm says about it. Values go through stdin, so that no file and no
 * process list has them. An abort lets Helm take back what `--atomic` asks for. Rejects with `HELM_FAILED`.
 */
export async function upgradeRelease(helm: Helm, plan: ReleasePlan, cluster: HelmCluster): Promise<string> {
  const flags = [...clusterFlags(cluster), '--install', '--values', '-'];
  const args = ['upgrade', plan.release, plan.chart, ...flags, ...(await fitArgs(helm, plan.args))];
  const result = await runHelm(helm, { args, stdin: JSON.stringify(plan.values), graceMs: rollbackMs });
  if (result.exitCode === 0) return result.stdout;
  throw new UserError('HELM_FAILED', `The release ${plan.release} failed: ${helmWords(result)}`, hintFor(plan.args));
}

/**
 * The manifests that an upgrade would apply, without asking the cluster; `args` are more arguments of `helm template`.
 * Rejects with `HELM_CHART`.
 */
export async function templateRelease(
  helm: Helm,
  plan: ReleasePlan,
  { namespace, args: more }: { readonly namespace: string; readonly args: readonly string[] },
): Promise<string> {
  const flags = ['--namespace', namespace, '--include-crds', '--skip-tests', '--values', '-'];
  const own = selectFlags(plan.args, valueFlags);
  const args = ['template', plan.release, plan.chart, ...flags, ...own, ...more];
  const result = await runHelm(helm, { args, stdin: JSON.stringify(plan.values) });
  if (result.exitCode === 0) return result.stdout;
  throw new UserError('HELM_CHART', `The chart of ${plan.release} cannot be rendered: ${helmWords(result)}`);
}

/** The manifests of the release as it is now, without those of its hooks. */
export async function releaseManifest(helm: Helm, release: string, cluster: HelmCluster): Promise<string> {
  const result = await runHelm(helm, { args: ['get', 'manifest', release, ...clusterFlags(cluster)] });
  if (result.exitCode === 0) return result.stdout;
  throw new UserError('HELM_FAILED', `The release ${release} cannot be read: ${helmWords(result)}`);
}

/** Deletes what the release has brought, and its history. Rejects with `HELM_FAILED`, also if it does not exist. */
export async function uninstallRelease(
  helm: Helm,
  { release, args }: Pick<ReleasePlan, 'release' | 'args'>,
  cluster: HelmCluster,
): Promise<void> {
  const result = await runHelm(helm, { args: ['uninstall', release, ...clusterFlags(cluster), ...args] });
  if (result.exitCode === 0) return;
  throw new UserError('HELM_FAILED', `The release ${release} cannot be uninstalled: ${helmWords(result)}`);
}

/** `--force` replaces objects, which Helm 4 does only without server-side apply. */
async function fitArgs(helm: Helm, args: readonly string[]): Promise<readonly string[]> {
  if (!args.includes('--force') || args.some((arg) => arg.startsWith('--server-side'))) return args;
  return (await helmVersion(helm)) >= 4 ? [...args, '--server-side=false'] : args;
}

function hintFor(args: readonly string[]): { readonly hint?: string } {
  if (!args.includes('--force')) return {};
  return {
    hint: '`force` replaces objects instead of changing them, which services and some others refuse: remove it.',
  };
}
