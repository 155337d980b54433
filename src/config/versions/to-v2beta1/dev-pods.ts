import type { KeyPath } from '../../finding.ts';
import { defined, mapAt, textAt, without } from '../data.ts';
import { toSafeName } from '../names.ts';
import type { Data, UpgradeContext } from '../version.ts';

/** The entries under `dev` while they are put together, by name. */
export type DevPods = Map<string, DevPod>;

export interface DevPod {
  readonly name: string;
  readonly imageSelector: string;
  readonly labelSelector: Data;
  /** Equal for equal selectors. */
  readonly target: string;
  namespace: string;
  readonly patches: Data[];
  readonly ports: Data[];
  readonly open: Data[];
  persistenceOptions: Data | undefined;
  readonly containers: DevContainer[];
}

export interface DevContainer {
  /** Empty: the pod's only one. */
  name: string;
  devImage: string;
  arch: string;
  readonly persistPaths: Data[];
  readonly reversePorts: Data[];
  readonly sync: Data[];
  terminal: Data | undefined;
  logs: Data | undefined;
}

interface PodRequest {
  readonly pods: DevPods;
  /** For a new entry; made safe, and unique. */
  readonly name: string;
  /** With imageSelector, labelSelector, namespace. */
  readonly part: Data;
  readonly from: KeyPath;
  readonly context: UpgradeContext;
}

/** The entry with the same selector, or a new one. */
export function podOf({ pods, name, part, from, context }: PodRequest): DevPod {
  const selector = { imageSelector: textAt(part, 'imageSelector'), labelSelector: mapAt(part, 'labelSelector') };
  const namespace = textAt(part, 'namespace');
  const target = toTarget(selector);
  for (const pod of pods.values()) {
    if (pod.target !== target || !isSameNamespace(pod.namespace, namespace)) continue;
    pod.namespace ||= namespace;
    return pod;
  }
  const unique = toUniqueName(toSafeName(name), pods);
  const pod: DevPod = {
    name: unique,
    ...selector,
    target,
    namespace,
    patches: [],
    ports: [],
    open: [],
    persistenceOptions: undefined,
    containers: [],
  };
  pods.set(unique, pod);
  context.moved(['dev', unique], from);
  return pod;
}

const isSameNamespace = (one: string, other: string): boolean => one === '' || other === '' || one === other;

function toTarget({ imageSelector, labelSelector }: { imageSelector: string; labelSelector: Data }): string {
  if (imageSelector !== '') return imageSelector;
  const labels = Object.entries(labelSelector).map(([key, value]) => `${key}=${String(value)}`);
  return labels.sort().join(',');
}

function toUniqueName(name: string, pods: DevPods): string {
  if (!pods.has(name)) return name;
  for (let number = 1; ; number++) {
    const candidate = `${name}-${String(number)}`;
    if (!pods.has(candidate)) return candidate;
  }
}

/** The container of that name. Parts without a name belong to the first container that is named. */
export function containerOf(pod: DevPod, name: string): DevContainer {
  const known = pod.containers.find((container) => container.name === name || container.name === '' || name === '');
  if (known) {
    known.name ||= name;
    return known;
  }
  const container: DevContainer = {
    name,
    devImage: '',
    arch: '',
    persistPaths: [],
    reversePorts: [],
    sync: [],
    terminal: undefined,
    logs: undefined,
  };
  pod.containers.push(container);
  return container;
}

/** The entries as the newest version writes them: a single container stands in the pod itself. */
export function finishPods(pods: DevPods): Data {
  return Object.fromEntries([...pods.values()].map((pod) => [pod.name, toEntry(pod)]));
}

function toEntry(pod: DevPod): Data {
  const { containers } = pod;
  const entry = defined(without({ ...pod }, 'name', 'containers', 'target'));
  const [first] = containers;
  if (!first) return entry;
  if (containers.length === 1) return { ...entry, ...toContainer(first), container: first.name };
  const named = containers.map((container) => [container.name, toContainer(container)]);
  return { ...entry, containers: Object.fromEntries(named) as Data };
}

/** The newest version would put its restart helper into the container; the older ones did that in the image. */
function toContainer(container: DevContainer): Data {
  return defined({ ...without({ ...container }, 'name'), restartHelper: { inject: false } });
}
