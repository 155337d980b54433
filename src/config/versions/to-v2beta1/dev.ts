import type { Finding, KeyPath } from '../../finding.ts';
import { defined, isOn, listAt, mapAt, mapOrNothing, numberAt, only, textAt, textsAt, without } from '../data.ts';
import type { Data, UpgradeContext } from '../version.ts';
import { containerOf, type DevPods, finishPods, podOf } from './dev-pods.ts';
import { toSync } from './sync.ts';

/**
 * Lists of services become one entry for each pod: whatever has an equal selector goes together, and the first part
 * with the selector gives the entry its name. Parts without a selector have no place there.
 */
export function toDev(data: Data, context: UpgradeContext): Data {
  const dev = mapAt(data, 'dev');
  const pods: DevPods = new Map();
  for (const [index, part] of listAt(dev, 'replacePods').entries()) addReplacedPod({ pods, part, index, context });
  for (const [index, part] of listAt(dev, 'ports').entries()) addPorts({ pods, part, index, context });
  for (const [index, part] of listAt(dev, 'sync').entries()) {
    addSync({ pods, part, index, context, printLogs: printsSyncLogs(dev) });
  }
  addTerminal({ pods, dev, context });
  addLogs({ pods, dev, context });
  addOpen({ pods, dev, context });
  warnAboutDropped(dev, context);
  return finishPods(pods);
}

interface Part {
  readonly pods: DevPods;
  readonly part: Data;
  readonly index: number;
  readonly context: UpgradeContext;
}

const hasTarget = (part: Data): boolean =>
  textAt(part, 'imageSelector') !== '' || Object.keys(mapAt(part, 'labelSelector')).length > 0;

function addReplacedPod({ pods, part, index, context }: Part): void {
  const from = ['dev', 'replacePods', index];
  if (!hasTarget(part)) return reportNoTarget({ path: from, context });
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
  if (!hasTarget(part)) return reportNoTarget({ path: from, context });
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
  if (!hasTarget(part)) return reportNoTarget({ path: from, context });
  const pod = podOf({ pods, name: textAt(part, 'name') || `sync:${String(index)}`, part, from, context });
  const container = containerOf(pod, textAt(part, 'containerName'));
  context.moved(['dev', pod.name, 'sync', container.sync.length], from);
  container.sync.push({ ...toSync(part, { path: from, report: context.report }), printLogs });
}

interface Section {
  readonly pods: DevPods;
  readonly dev: Data;
  readonly context: UpgradeContext;
}

function addTerminal({ pods, dev, context }: Section): void {
  const part = mapOrNothing(dev, 'terminal');
  if (!part || !hasTarget(part)) return;
  const from = ['dev', 'terminal'];
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

function addLogs({ pods, dev, context }: Section): void {
  const logs = mapAt(dev, 'logs');
  for (const [index, part] of listAt(logs, 'selectors').entries()) {
    const from = ['dev', 'logs', 'selectors', index];
    if (!hasTarget(part)) {
      context.report({ ...noTarget(from), severity: 'error', message: 'this does not say which pod is meant' });
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
function addOpen({ pods, dev, context }: Section): void {
  const pages = listAt(dev, 'open').map((page) => only(page, 'url'));
  const [first] = pods.values();
  if (pages.length === 0) return;
  if (first) {
    first.open.push(...pages);
    context.moved(['dev', first.name, 'open'], ['dev', 'open']);
    return;
  }
  const message = 'nothing opens here, because no pod is named under `dev`';
  context.report({ severity: 'warning', path: ['dev', 'open'], at: 'key', message });
}

function reportNoTarget({ path, context }: { path: KeyPath; context: UpgradeContext }): void {
  context.report(noTarget(path));
}

const noTarget = (path: KeyPath): Finding => ({
  severity: 'warning',
  path,
  at: 'key',
  message: 'this has no effect, because it names no pod',
  allowed: 'imageSelector or labelSelector',
});

function warnAboutDropped(dev: Data, { report }: UpgradeContext): void {
  if (dev.autoReload !== undefined) {
    const message = '`autoReload` has no place in the newest version: `run_watch` in a pipeline does the same';
    report({ severity: 'warning', path: ['dev', 'autoReload'], at: 'key', message });
  }
}
