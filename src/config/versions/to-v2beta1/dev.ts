import type { KeyPath } from '../../finding.ts';
import {
  defined,
  isOn,
  listAt,
  mapAt,
  mapOrNothing,
  numberAt,
  only as pick,
  textAt,
  textsAt,
  without,
} from '../data.ts';
import { legacyOf } from '../legacy.ts';
import type { Data, UpgradeContext } from '../version.ts';
import { containerOf, type DevPods, finishPods, podOf } from './dev-pods.ts';
import { hasTarget, onlyTarget, withTarget } from './dev-target.ts';
import { toSync } from './sync.ts';

/**
 * Lists of services become one entry for each pod: whatever has an equal selector goes together, and the first part
 * with the selector gives the entry its name. Parts without a selector go to the only pod that can be meant.
 */
export function toDev(data: Data, context: UpgradeContext): Data {
  const dev = mapAt(data, 'dev');
  const pods: DevPods = new Map();
  const only = onlyTarget(data);
  const partsOf = (section: string): Part[] =>
    listAt(dev, section).flatMap((written, index) => {
      const part = withTarget({ part: written, from: ['dev', section, index], context, only });
      return part ? [{ pods, part, index, context }] : [];
    });
  for (const part of partsOf('replacePods')) addReplacedPod(part);
  for (const part of partsOf('ports')) addPorts(part);
  for (const part of partsOf('sync')) addSync({ ...part, printLogs: printsSyncLogs(dev) });
  addTerminal({ pods, dev, context, only: legacyOf(data).terminal ? undefined : only });
  addLogs({ pods, dev, context });
  addOpen({ pods, dev, context, only });
  warnAboutDropped(dev, context);
  return finishPods(pods);
}

interface Part {
  readonly pods: DevPods;
  readonly part: Data;
  readonly index: number;
  readonly context: UpgradeContext;
}

function addReplacedPod({ pods, part, index, context }: Part): void {
  const from = ['dev', 'replacePods', index];
  const name = textAt(part, 'name') || `replace:${String(index)}`;
  const pod = podOf({ pods, name, part, from, context });
  for (const patch of listAt(part, 'patches')) pod.patches.push(without(patch, 'from'));
  pod.persistenceOptions = mapOrNothing(part, 'persistenceOptions') ?? pod.persistenceOptions;
  const container = containerOf(pod, textAt(part, 'containerName'));
  container.devImage = textAt(part, 'replaceImage');
  for (const path of listAt(part, 'persistPaths')) container.persistPaths.push(toPersistPath(path));
  context.moved(['dev', pod.name, 'devImage'], [...from, 'replaceImage']);
  context.moved(['dev', pod.name, 'patches'], [...from, 'patches']);
  context.moved(['dev', pod.name, 'persistPaths'], [...from, 'persistPaths']);
}

function toPersistPath(path: Data): Data {
  const hasResources = mapAt(path, 'initContainer').resources !== undefined;
  return without(path, 'containerName', ...(hasResources ? [] : ['initContainer']));
}

function addPorts({ pods, part, index, context }: Part): void {
  const from = ['dev', 'ports', index];
  const pod = podOf({ pods, name: textAt(part, 'name') || `ports:${String(index)}`, part, from, context });
  for (const [at, mapping] of listAt(part, 'forward').entries()) {
    if (mapping.port === undefined) continue;
    context.moved(['dev', pod.name, 'ports', pod.ports.length], [...from, 'forward', at]);
    pod.ports.push(toPort(mapping));
  }
  const reverse = listAt(part, 'reverseForward');
  if (reverse.length === 0) return;
  const container = containerOf(pod, textAt(part, 'containerName'));
  container.arch = textAt(part, 'arch') || container.arch;
  container.reversePorts.push(...reverse.filter(({ port }) => port !== undefined).map(toPort));
  context.moved(['dev', pod.name, 'reversePorts'], [...from, 'reverseForward']);
}

function toPort(mapping: Data): Data {
  const local = numberAt(mapping, 'port') ?? 0;
  const remote = numberAt(mapping, 'remotePort');
  const port = remote === undefined ? String(local) : `${String(local)}:${String(remote)}`;
  return defined({ port, bindAddress: mapping.bindAddress });
}

/** Sync was part of the logs, unless switched off, as soon as the file had a section for logs. */
const printsSyncLogs = (dev: Data): boolean => dev.logs !== undefined && mapAt(dev, 'logs').sync !== false;

function addSync({ pods, part, index, context, printLogs }: Part & { readonly printLogs: boolean }): void {
  const from = ['dev', 'sync', index];
  const pod = podOf({ pods, name: textAt(part, 'name') || `sync:${String(index)}`, part, from, context });
  const container = containerOf(pod, textAt(part, 'containerName'));
  context.moved(['dev', pod.name, 'sync', container.sync.length], from);
  container.sync.push({ ...toSync(part, { path: from, report: context.report }), printLogs });
}

interface Section {
  readonly pods: DevPods;
  readonly dev: Data;
  readonly context: UpgradeContext;
  readonly only: ReturnType<typeof onlyTarget>;
}

/** Without a pod its command runs on this machine, at the end of the pipeline. */
function addTerminal({ pods, dev, context, only }: Section): void {
  const from = ['dev', 'terminal'];
  const written = mapOrNothing(dev, 'terminal');
  const isMeant = written && (hasTarget(written) || (only && textsAt(written, 'command').length === 0));
  const part = isMeant && (hasTarget(written) || !isOn(written, 'disabled')) ? written : undefined;
  const aimed = part && withTarget({ part, from, context, only });
  if (!aimed) return;
  openTerminalIn({ pods, part: aimed, from, context });
}

interface Aimed {
  readonly pods: DevPods;
  readonly part: Data;
  readonly from: KeyPath;
  readonly context: UpgradeContext;
}

function openTerminalIn({ pods, part, from, context }: Aimed): void {
  const pod = podOf({ pods, name: 'terminal', part, from, context });
  context.moved(['dev', pod.name, 'terminal'], from);
  containerOf(pod, textAt(part, 'containerName')).terminal = {
    command: textsAt(part, 'command').join(' '),
    workDir: textAt(part, 'workDir'),
    enabled: !isOn(part, 'disabled'),
    disableReplace: true,
    disableScreen: true,
  };
}

/** Here the original insists on a pod. */
function addLogs({ pods, dev, context }: Omit<Section, 'only'>): void {
  const logs = mapAt(dev, 'logs');
  for (const [index, part] of listAt(logs, 'selectors').entries()) {
    const from = ['dev', 'logs', 'selectors', index];
    if (!hasTarget(part)) {
      const message = 'this does not say which pod is meant';
      const allowed = 'imageSelector or labelSelector';
      context.report({ severity: 'error', path: from, at: 'key', message, allowed });
      continue;
    }
    const pod = podOf({ pods, name: 'logs', part, from, context });
    context.moved(['dev', pod.name, 'logs'], ['dev', 'logs']);
    containerOf(pod, textAt(part, 'containerName')).logs = defined({
      enabled: !isOn(logs, 'disabled'),
      lastLines: logs.showLast,
    });
  }
}

/** Each page opens once, whatever number of pods there is. */
function addOpen({ pods, dev, context, only }: Section): void {
  const from = ['dev', 'open'];
  const pages = listAt(dev, 'open').map((page) => pick(page, 'url'));
  if (pages.length === 0) return;
  const [first] = pods.values();
  const pod = first ?? (only && podOf({ pods, name: 'open', part: only.selector, from, context }));
  if (pod) {
    pod.open.push(...pages);
    context.moved(['dev', pod.name, 'open'], from);
    return;
  }
  const message = 'nothing opens here, because no pod is named under `dev`';
  context.report({ severity: 'warning', path: from, at: 'key', message });
}

function warnAboutDropped(dev: Data, { report }: UpgradeContext): void {
  if (dev.autoReload !== undefined) {
    const message = '`autoReload` has no place in the newest version: `run_watch` in a pipeline does the same';
    report({ severity: 'warning', path: ['dev', 'autoReload'], at: 'key', concerns: 'update', message });
  }
}
