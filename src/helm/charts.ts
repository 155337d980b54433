import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../core/errors.ts';
import { registryFlags, repositoryFlags, selectFlags } from './flags.ts';
import { type Helm, type HelmCall, helmWords, runHelm } from './run-helm.ts';

/** Where a chart comes from that is not on this machine. */
export interface ChartSource {
  /** Name in the repository, `oci://` or `https://` address, or `REPOSITORY/NAME` as the user's Helm knows it. */
  readonly name: string;
  readonly version?: string | undefined;
  readonly repo?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** More arguments for `helm pull`. */
  readonly args: readonly string[];
}

/** A folder for charts and logins, made when it is first asked for, and removed when it is disposed of. */
export interface ChartFolder extends Disposable {
  readonly path: () => string;
}

export function openChartFolder(): ChartFolder {
  let folder: string | undefined;
  return {
    path: () => (folder ??= mkdtempSync(path.join(tmpdir(), 'devspace-charts-'))),
    [Symbol.dispose]() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Fetches a chart into a folder below `folder` and gives the path of its archive. A password goes to Helm by its stdin
 * and stays in that folder, which only the user can read. Rejects with `HELM_CHART`.
 */
export async function pullChart(helm: Helm, source: ChartSource, folder: string): Promise<string> {
  const own = mkdtempSync(path.join(folder, 'chart-'));
  const destination = path.join(own, 'archive');
  mkdirSync(destination);
  const login = await logIn(helm, source, own);
  const version = source.version ? ['--version', source.version] : [];
  const args = ['pull', login.name, ...version, '--destination', destination, ...login.flags, ...source.args];
  await call(helm, { args }, source);
  const archive = readdirSync(destination).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw failure(source, 'Helm has fetched no archive');
  return path.join(destination, archive);
}

/** How Helm names the chart, and the flags by which it finds repository and login. */
interface Login {
  readonly name: string;
  readonly flags: readonly string[];
}

const repositoryName = 'devspace';

/** Logins and indexes of a chart never mix with those of the user's own Helm. */
async function logIn(helm: Helm, source: ChartSource, folder: string): Promise<Login> {
  const { name, repo, username, password } = source;
  const credentials = username ? ['--username', username, '--password-stdin'] : [];
  const stdin = { stdin: password ?? '' };
  if (repo) {
    const flags = [
      '--repository-config',
      path.join(folder, 'repositories.yaml'),
      '--repository-cache',
      path.join(folder, 'cache'),
    ];
    const transport = selectFlags(source.args, repositoryFlags);
    const args = ['repo', 'add', repositoryName, repo, ...credentials, ...flags, ...transport];
    await call(helm, { args, ...(username ? stdin : {}) }, source);
    return { name: `${repositoryName}/${name}`, flags };
  }
  if (!username || !name.startsWith('oci://')) return { name, flags: [] };
  const host = name.slice('oci://'.length).split('/')[0] ?? '';
  const flags = ['--registry-config', path.join(folder, 'registry.json')];
  const transport = selectFlags(source.args, registryFlags).map(toLoginFlag);
  await call(helm, { args: ['registry', 'login', host, ...credentials, ...flags, ...transport], ...stdin }, source);
  return { name, flags };
}

const toLoginFlag = (flag: string): string => (flag === '--insecure-skip-tls-verify' ? '--insecure' : flag);

async function call(helm: Helm, call: HelmCall, source: ChartSource): Promise<string> {
  const result = await runHelm(helm, call);
  if (result.exitCode === 0) return result.stdout;
  throw failure(source, helmWords(result));
}

function failure({ name, version, repo, password }: ChartSource, words: string): UserError {
  const which = [name, version, repo && `of ${repo}`].filter(Boolean).join(' ');
  const shown = password ? words.replaceAll(password, '***') : words;
  const alias = !repo && /^[^/:]+\/[^/]+$/.test(name) ? name.split('/')[0] : undefined;
  return new UserError(
    'HELM_CHART',
    `The chart ${which} cannot be fetched: ${shown}`,
    alias === undefined
      ? {}
      : { hint: `Set chart.repo to the address of its repository, or make it known: helm repo add ${alias} ADDRESS` },
  );
}

/** What `helm dependency list` says: the charts that this one depends on are all there, or not. */
export async function dependencyState(helm: Helm, folder: string): Promise<'none' | 'complete' | 'incomplete'> {
  const { stdout } = await runHelm(helm, { args: ['dependency', 'list', folder] });
  const rows = stdout.split('\n').filter((line) => line.includes('\t'));
  const states = rows.slice(1).map((row) => row.split('\t').map((cell) => cell.trim()));
  if (states.length === 0) return 'none';
  const isComplete = states.every(([, , , status]) => status === 'ok' || status === 'unpacked');
  return isComplete ? 'complete' : 'incomplete';
}

/** Fetches the charts that the chart in this folder depends on. Rejects with `HELM_CHART`. */
export async function updateDependencies(helm: Helm, folder: string): Promise<void> {
  const result = await runHelm(helm, { args: ['dependency', 'update', folder] });
  if (result.exitCode === 0) return;
  throw new UserError('HELM_CHART', `The dependencies of the chart ${folder} cannot be fetched: ${helmWords(result)}`);
}
