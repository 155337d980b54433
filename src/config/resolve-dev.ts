import path from 'node:path';
import { type ContainerModel, containersOf, type PodModel, toTarget } from './dev-pods.ts';
import { parsePorts } from './port-ranges.ts';
import type { ResolveContext } from './resolve-context.ts';
import { toReplacements } from './resolve-replacements.ts';
import type { Model } from './schema/v2beta1.ts';
import type {
  DevConfig,
  ImageOverride,
  InitialSync,
  LogsConfig,
  NamedSelector,
  PortMapping,
  PortsConfig,
  SyncConfig,
  TargetSelector,
  TerminalConfig,
  UploadHook,
} from './types.ts';
import type { Legacy, LegacyOverride, LegacySelector } from './versions/legacy.ts';

type SyncModel = NonNullable<ContainerModel['sync']>[number];
type PortModel = NonNullable<PodModel['ports']>[number];

/** The development services of all pods, each with the container that it is for. */
export function toDevConfig(model: Model, context: ResolveContext): DevConfig {
  const pods = Object.values(model.dev ?? {});
  return {
    overrideImages: (context.legacy.overrideImages ?? []).map((override) => toOverride(override, context)),
    ...toAutoReload(context.legacy),
    replacements: toReplacements(model),
    ports: pods.flatMap(toPorts),
    reversePorts: pods.flatMap(toReversePorts),
    sync: pods.flatMap((pod) =>
      containersOf(pod).flatMap((container) =>
        (container.sync ?? []).map((sync) => toSync({ sync, target: toTarget(pod, container), context })),
      ),
    ),
    terminal: toTerminal(pods, context.legacy),
    logs: pods.flatMap(toLogs),
    open: pods.flatMap((pod) => (pod.open ?? []).map(({ url }) => url ?? '').filter(Boolean)),
    selectors: toSelectors(model, context.legacy),
  };
}

function toAutoReload({ autoReload }: Legacy): Pick<DevConfig, 'autoReload'> {
  const { paths = [], deployments = [], images = [] } = autoReload ?? {};
  return paths.length + deployments.length + images.length === 0 ? {} : { autoReload: { paths, deployments, images } };
}

/** So many lines are shown without `lastLines`, as in the original. */
const usualLastLines = 500;

const toLogs = (pod: PodModel): LogsConfig[] =>
  containersOf(pod).flatMap((container) => {
    const { logs } = container;
    if (logs === undefined) return [];
    const target = toTarget(pod, container);
    return [{ target, disabled: logs.enabled === false, lastLines: logs.lastLines ?? usualLastLines }];
  });

function toSelectors(model: Model, { selectors }: Legacy): NamedSelector[] {
  if (selectors) return selectors.map((selector) => ({ name: selector.name, target: toSelectorTarget(selector) }));
  return Object.entries(model.dev ?? {})
    .map(([name, pod]) => ({ name, target: toTarget(pod, pod) }))
    .filter(({ target }) => Object.keys(target.labelSelector).length > 0 || target.imageSelector !== undefined);
}

function toPorts(pod: PodModel): PortsConfig[] {
  const forward = (pod.ports ?? []).flatMap(toPortMapping);
  return forward.length === 0 ? [] : [{ target: toTarget(pod, {}), forward }];
}

const toReversePorts = (pod: PodModel): PortsConfig[] =>
  containersOf(pod).flatMap((container) => {
    const forward = (container.reversePorts ?? []).flatMap(toPortMapping);
    return forward.length === 0 ? [] : [{ target: toTarget(pod, container), forward }];
  });

/** What is no port has been warned about. */
const toPortMapping = ({ port = '', bindAddress }: PortModel): PortMapping[] =>
  (parsePorts(port) ?? []).map((pair) => ({ ...pair, bindAddress: bindAddress || '127.0.0.1' }));

interface SyncToResolve {
  readonly sync: SyncModel;
  readonly target: TargetSelector;
  readonly context: ResolveContext;
}

function toSync({ sync, target, context }: SyncToResolve): SyncConfig {
  const { local, container } = toSyncPaths(sync.path ?? '');
  return {
    target,
    localPath: path.resolve(context.projectRoot, local),
    containerPath: container,
    file: sync.file ?? false,
    excludePaths: sync.excludePaths ?? [],
    uploadExcludePaths: sync.uploadExcludePaths ?? [],
    downloadExcludePaths: sync.downloadExcludePaths ?? [],
    ...(sync.excludeFile ? { excludeFile: sync.excludeFile } : {}),
    ...(sync.uploadExcludeFile ? { uploadExcludeFile: sync.uploadExcludeFile } : {}),
    ...(sync.downloadExcludeFile ? { downloadExcludeFile: sync.downloadExcludeFile } : {}),
    initialSync: sync.initialSync ?? initialSyncByDefault(context.declaredVersion),
    initialSyncCompareBy: sync.initialSyncCompareBy === 'size' ? 'size' : 'mtime',
    disableUpload: sync.disableUpload ?? false,
    disableDownload: sync.disableDownload ?? false,
    waitInitialSync: sync.waitInitialSync ?? waitsByDefault(context.declaredVersion),
    noWatch: sync.noWatch ?? false,
    polling: (sync.polling ?? false) && !isPollingVersion(context.declaredVersion),
    bandwidthLimits: toLimits(sync.bandwidthLimits ?? {}),
    onUpload: toUploadHooks(sync.onUpload ?? {}),
    printsLog: sync.printLogs ?? false,
    restartsContainer: sync.onUpload?.restartContainer ?? false,
    startsContainer: sync.startContainer ?? false,
    allReplicas: sync.allReplicas ?? false,
  };
}

/** The strategies came with v1beta3 (our reference, `spec-sync.md` section 14); before it there was one rule. */
const initialSyncByDefault = (version: string): InitialSync =>
  /^(v1alpha\d|v1beta[12])$/.test(version) ? 'newestLocal' : 'mirrorLocal';

/** The upgrade writes `polling: true` down for files that could not say it; they get what is faster. */
const isPollingVersion = (version: string): boolean => /^(v1alpha\d|v1beta[1-9])$/.test(version);

/** `execRemote` is the older form, whose failure always ends the synchronisation. */
function toUploadHooks({ exec = [], execRemote = {} }: NonNullable<SyncModel['onUpload']>): UploadHook[] {
  const { onFileChange = execRemote, onDirCreate = execRemote, onBatch = {} } = execRemote;
  const remote = ({ command, args }: { command?: string; args?: string[] }, each?: UploadHook['each']): UploadHook[] =>
    command ? [{ ...toUploadHook({ command, ...(args && { args }), failOnError: true }), ...(each && { each }) }] : [];
  return [
    ...remote(onDirCreate, 'folder'),
    ...remote(onFileChange, 'file'),
    ...exec.map(toUploadHook),
    ...remote(onBatch),
  ];
}

type SyncExecModel = NonNullable<NonNullable<SyncModel['onUpload']>['exec']>[number];

function toUploadHook(exec: SyncExecModel): UploadHook {
  return {
    ...(exec.name ? { name: exec.name } : {}),
    command: exec.command ?? '',
    ...(exec.args ? { args: exec.args } : {}),
    where: exec.local ? 'local' : 'container',
    onChange: exec.onChange ?? [],
    failOnError: exec.failOnError ?? false,
    once: exec.once ?? false,
  };
}

/** Nought means no limit. */
function toLimits({ upload, download }: NonNullable<SyncModel['bandwidthLimits']>): SyncConfig['bandwidthLimits'] {
  return { ...(upload ? { upload } : {}), ...(download ? { download } : {}) };
}

/** Waiting became the default with v1beta10; the steps before it write down what holds for older files. */
const waitsByDefault = (version: string): boolean =>
  version === 'v1beta10' || version === 'v1beta11' || version.startsWith('v2');

/** `LOCAL:CONTAINER`; a single path is meant for both sides. The colon of a Windows drive does not count. */
export function toSyncPaths(text: string): { local: string; container: string } {
  if (text === '') return { local: '.', container: '.' };
  const start = /^[A-Za-z]:[\\/]/.test(text) ? 2 : 0;
  const colon = text.indexOf(':', start);
  if (colon < 0) return { local: text, container: text };
  return { local: text.slice(0, colon) || '.', container: text.slice(colon + 1) || '.' };
}

function toOverride(override: LegacyOverride, { projectRoot }: ResolveContext): ImageOverride {
  return {
    name: override.name,
    ...(override.entrypoint === undefined ? {} : { entrypoint: override.entrypoint }),
    ...(override.cmd === undefined ? {} : { cmd: override.cmd }),
    ...(override.dockerfile ? { dockerfile: path.resolve(projectRoot, override.dockerfile) } : {}),
    ...(override.context ? { context: path.resolve(projectRoot, override.context) } : {}),
  };
}

/** The terminal that the file describes; older versions open one also where they name no container for it. */
function toTerminal(pods: readonly PodModel[], legacy: Legacy): TerminalConfig {
  const found = pods
    .flatMap((pod) => containersOf(pod).map((container) => ({ pod, container })))
    .find(({ container }) => container.terminal !== undefined);
  if (found) {
    const { terminal } = found.container;
    const command = toCommand(terminal?.command ?? '', legacy);
    return {
      disabled: terminal?.enabled === false,
      target: toTarget(found.pod, found.container),
      ...(command ? { command } : {}),
    };
  }
  if (!legacy.terminal) return { disabled: true };
  const [only, ...others] = legacy.selectors ?? [];
  const target = only && others.length === 0 ? { target: toSelectorTarget(only) } : {};
  return {
    disabled: legacy.terminal.disabled,
    ...target,
    ...(legacy.terminal.command ? { command: legacy.terminal.command } : {}),
  };
}

/** A list of words where the file has one, otherwise a line for the shell. */
function toCommand(line: string, legacy: Legacy): readonly string[] | undefined {
  if (legacy.terminal?.command && legacy.terminal.command.length > 0) return legacy.terminal.command;
  return line === '' ? undefined : ['sh', '-c', line];
}

function toSelectorTarget(selector: LegacySelector): TargetSelector {
  return {
    labelSelector: selector.labelSelector ?? {},
    ...(selector.namespace ? { namespace: selector.namespace } : {}),
    ...(selector.containerName ? { containerName: selector.containerName } : {}),
  };
}
