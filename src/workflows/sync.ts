import type { SyncConfig } from '../config/types.ts';
import { abortReason } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import { openLifetime } from '../core/lifetime.ts';
import { makeProjectFolder } from '../core/project-folder.ts';
import type { KubeClient } from '../kube/client.ts';
import type { TargetQuery } from '../kube/find-target.ts';
import { explainPath } from '../sync/explain.ts';
import { startSync } from '../sync/start-sync.ts';
import { askConsent } from './ask-consent.ts';
import { applyChoice, namesFolders, planFolders, type SyncChoice } from './plan-sync.ts';
import type { ProjectOptions } from './project.ts';
import { type ContainerChoice, findQuery, namesPod } from './select-container.ts';
import { syncFiles } from './sync-state.ts';
import { createLinks, toQuery } from './targets.ts';
import type { Run, Tools } from './tools.ts';

export interface SyncOptions {
  readonly project: ProjectOptions;
  readonly container: ContainerChoice;
  readonly choice: SyncChoice;
  /** How long to wait for the pod. */
  readonly timeoutMs: number;
  /** Tell every path. */
  readonly detail: 'short' | 'every path';
}

/**
 * Synchronises folders with a container until it is stopped. Flags that say which folders need no configuration;
 * without them the entries of the configuration are meant. Returns 0 when nothing is left to do.
 */
export async function sync(options: SyncOptions, tools: Tools): Promise<number> {
  const { signal } = options.project;
  await using life = openLifetime(signal);
  const run = { ...tools, signal: life.signal };
  const { entries, root, kube, query } = await planSyncRun(options, run);
  const linkOf = createLinks({ kube, timeoutMs: options.timeoutMs }, run);
  const tasks = entries.map((config) => ({ config, target: linkOf(query(config)) }));
  makeProjectFolder(root);
  const handle = await life.keep(
    startSync(tasks, {
      ...run,
      kube,
      ...syncFiles(root),
      detail: options.detail,
      confirm: (text) => askConsent({ name: 'delete', text }, run),
    }),
  );
  await life.race(handle.done);
  if (signal.aborted) throw abortReason(signal);
  return 0;
}

/** Says which rule decides about a path, for each entry: `--explain`. */
export async function explainSync(name: string, options: SyncOptions, tools: Tools): Promise<string> {
  const { entries, root } = await planEntries(options, tools);
  const texts = entries.map((config) => {
    const { upload, download, state } = explainPath(name, config, syncFiles(root).stateFolder);
    const line = (what: string, { isCarried, because }: typeof upload) =>
      `  ${what}: ${isCarried ? 'yes' : 'no'}, ${because}`;
    return [
      `${name} in ${config.localPath} <-> ${config.containerPath}`,
      line('to the container', upload),
      line('from the container', download),
      `  ${state}`,
    ].join('\n');
  });
  return `${texts.join('\n')}\n`;
}

interface SyncRunPlan {
  readonly entries: readonly SyncConfig[];
  /** Folder that keeps what is known of earlier runs. */
  readonly root: string;
  readonly kube: KubeClient;
  query(entry: SyncConfig): TargetQuery;
}

async function planSyncRun(options: SyncOptions, run: Run): Promise<SyncRunPlan> {
  const { project: projectOptions, container } = options;
  const { entries, root, project } = await planEntries(options, run);
  if (project && !namesPod(container)) {
    const kube = await run.kube(project.kubeChoice);
    const { config } = project;
    const containerName = container.container === undefined ? {} : { containerName: container.container };
    return { entries, root, kube, query: ({ target }) => ({ ...toQuery(target, { config, kube }), ...containerName }) };
  }
  const { kube, query } = await findQuery({ project: projectOptions, choice: container }, run);
  return { entries, root, kube, query: () => query };
}

/** The entries, with the project if they come from its configuration. */
async function planEntries({ project: options, container, choice }: SyncOptions, tools: Tools) {
  if (namesFolders(choice)) {
    // a selection of its own is what tells one run from another with the same folders
    const { labelSelector = {}, imageSelector, container: containerName, pod } = container;
    const named = {
      ...(imageSelector === undefined ? {} : { imageSelector }),
      ...(containerName === undefined ? {} : { containerName }),
    };
    const target = { labelSelector, ...named, ...(pod === undefined ? {} : { podName: pod }) };
    return { entries: [planFolders(choice, target, options.cwd)], root: options.cwd, project: undefined };
  }
  const { loadProject } = await import('./project.ts');
  const project = await loadProject(options, tools);
  const entries = project.config.dev.sync.map((entry) => applyChoice(entry, choice));
  if (entries.length > 0) return { entries, root: project.root, project };
  throw new UserError('SYNC_PATH', 'The configuration synchronises nothing.', {
    hint: 'Add an entry with `devspace add sync`, or say the folders: `devspace sync --path .:/app --label-selector app=web`.',
  });
}
