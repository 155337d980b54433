import type { Finding, KeyPath } from '../../finding.ts';
import { parsePorts } from '../../port-ranges.ts';
import { safeName } from '../../versions/names.ts';
import type { Model } from '../v2beta1.ts';
import { hasEntries, isBlank, missing, toWarning, unsafeNames, wrong, wrongKey } from './findings.ts';

type Pod = NonNullable<Model['dev']>[string];
type Container = NonNullable<Pod['containers']>[string];
type Sync = NonNullable<Container['sync']>[number];

/** Each entry names one kind of pod, and what it does with its containers makes sense. */
export function checkDev(model: Model): Finding[] {
  return [
    ...unsafeNames('dev', model.dev, safeName),
    ...Object.entries(model.dev ?? {}).flatMap(([name, pod]) => [
      ...checkSelector(['dev', name], pod),
      ...checkPorts(['dev', name, 'ports'], pod.ports ?? []),
      ...checkContainer(['dev', name], pod),
      ...checkNamedContainers(['dev', name], pod),
    ]),
  ];
}

function checkSelector(path: KeyPath, { imageSelector, labelSelector }: Pod): Finding[] {
  const allowed = 'one of imageSelector, labelSelector';
  const byImage = !isBlank(imageSelector);
  const byLabels = hasEntries(labelSelector);
  if (!byImage && !byLabels) return [wrongKey(path, 'this entry does not say which pod is meant', allowed)];
  if (!byImage || !byLabels) return [];
  return [wrongKey(path, '`imageSelector` and `labelSelector` exclude each other', allowed)];
}

/** The original looks at ports only when it forwards them, so that other commands work without. */
function checkPorts(path: KeyPath, ports: NonNullable<Pod['ports']>): Finding[] {
  return ports.flatMap(({ port = '' }, index) => {
    const at = [...path, index];
    return port === '' ? [toWarning(missing(at, 'port'))] : checkPort(at, port);
  });
}

/** One without a port is an error, one with a wrong port just is not forwarded. */
function checkReversePorts(path: KeyPath, ports: NonNullable<Container['reversePorts']>): Finding[] {
  return ports.flatMap(({ port = '' }, index) => {
    const at = [...path, index];
    return isBlank(port) ? [missing(at, 'port')] : checkPort(at, port);
  });
}

function checkPort(at: KeyPath, port: string): Finding[] {
  if (port.includes('$') || parsePorts(port)) return [];
  const allowed = 'PORT, LOCAL:CONTAINER or ranges such as 8000-8010:9000-9010, each from 1 to 65535';
  return [toWarning(wrong([...at, 'port'], `\`${port}\` is not a port and is not forwarded`, allowed))];
}

function checkNamedContainers(path: KeyPath, pod: Pod): Finding[] {
  const containers = Object.entries(pod.containers ?? {});
  const shared = containerKeys.filter((key) => isSet(pod[key]));
  return containers.flatMap(([name, container]) => [
    ...checkContainer([...path, 'containers', name], container),
    ...shared
      .filter((key) => JSON.stringify(container[key]) !== JSON.stringify(pod[key]))
      .map((key) => {
        const message = `\`${key}\` does not count here, because there are \`containers\``;
        return wrongKey([...path, key], message, `\`${key}\` in \`containers.${name}\``);
      }),
  ]);
}

/** A switch that is off and an empty text say nothing. */
const isSet = (value: unknown): boolean => value !== undefined && value !== '' && value !== false;

const containerKeys = [
  'arch',
  'devImage',
  'command',
  'args',
  'workingDir',
  'env',
  'resources',
  'reversePorts',
  'sync',
  'persistPaths',
  'terminal',
  'logs',
  'attach',
  'ssh',
  'proxyCommands',
  'restartHelper',
] as const;

function checkContainer(path: KeyPath, container: Container): Finding[] {
  return [
    ...checkArch(path, container.arch),
    ...(container.sync ?? []).flatMap((sync, index) => checkSync([...path, 'sync', index], sync)),
    ...checkReversePorts([...path, 'reversePorts'], container.reversePorts ?? []),
    ...(container.persistPaths ?? []).flatMap((persisted, index) =>
      isBlank(persisted.path) ? [missing([...path, 'persistPaths', index], 'path')] : [],
    ),
  ];
}

/** Older versions look at it only where it has an effect, so that this is not in their key trees. */
function checkArch(path: KeyPath, arch: string | undefined): Finding[] {
  if (isBlank(arch) || arch === 'amd64' || arch === 'arm64') return [];
  return [wrong([...path, 'arch'], `\`${arch ?? ''}\` is not allowed here`, 'amd64, arm64')];
}

function checkSync(path: KeyPath, sync: Sync): Finding[] {
  const excludes = (['excludePaths', 'uploadExcludePaths', 'downloadExcludePaths'] as const).flatMap((key) =>
    (sync[key] ?? []).flatMap((pattern, index) =>
      pattern === '' ? [wrong([...path, key, index], 'the pattern is empty', "'!pattern' in quotes")] : [],
    ),
  );
  const commands = (sync.onUpload?.exec ?? []).flatMap(({ command }, index) =>
    isBlank(command) ? [missing([...path, 'onUpload', 'exec', index], 'command')] : [],
  );
  return [...excludes, ...commands];
}
