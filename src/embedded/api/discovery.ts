import type { JsonObject } from './objects.ts';
import { groupVersion, type Resource, type Resources } from './resources.ts';
import { reviewKinds } from './reviews.ts';

/** What this server calls itself: the Kubernetes version whose behaviour it follows. */
export const serverVersion: JsonObject = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.0+embedded',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2024-12-11T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

/** The answer for a path of discovery, or undefined if the path is none. */
export function discover(resources: Resources, path: string): JsonObject | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const groups = groupsOf(resources);
  if (parts[0] === 'api') {
    if (parts.length === 1) return { kind: 'APIVersions', versions: ['v1'] };
    return parts.length === 2 && parts[1] === 'v1' ? resourceList(resources, '', 'v1') : undefined;
  }
  if (parts[0] !== 'apis') return undefined;
  const names = [...groups.keys()].filter((name) => name !== '');
  if (parts.length === 1)
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: names.map((name) => groupOf(name, groups.get(name) ?? [])),
    };
  const [, group = '', version] = parts;
  const versions = groups.get(group);
  if (!versions) return undefined;
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, versions) };
  return parts.length === 3 && versions.includes(version) ? resourceList(resources, group, version) : undefined;
}

function groupsOf(resources: Resources): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  const all = [...resources.all(), ...reviewKinds.map(({ group }) => ({ group, version: 'v1' }))];
  for (const { group, version } of all) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) groups.set(group, [...versions, version]);
  }
  return groups;
}

function groupOf(name: string, versions: readonly string[]): JsonObject {
  const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, ...(list[0] ? { preferredVersion: list[0] } : {}) };
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

type SubresourceKind = { kind: string; group?: string; version?: string; verbs: string[] };

const subresourceKinds: Readonly<Record<string, SubresourceKind>> = {
  scale: { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
  exec: { kind: 'PodExecOptions', verbs: ['create', 'get'] },
  attach: { kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  portforward: { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  log: { kind: 'Pod', verbs: ['get'] },
  eviction: { kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  token: { kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
  finalize: { kind: 'Namespace', verbs: ['update'] },
};

function subresourceKind(resource: Resource, name: string): SubresourceKind {
  return subresourceKinds[name] ?? { kind: resource.kind, verbs: ['get', 'patch', 'update'] };
}

function inVersion(resources: Resources, group: string, version: string): Resource[] {
  return resources.all().filter((resource) => resource.group === group && resource.version === version);
}

function resourceList(resources: Resources, group: string, version: string): JsonObject {
  const stored = inVersion(resources, group, version).flatMap((resource): JsonObject[] => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs,
      ...(resource.shortNames.length > 0 ? { shortNames: [...resource.shortNames] } : {}),
      ...(resource.categories.length > 0 ? { categories: [...resource.categories] } : {}),
    },
    ...resource.subresources.map((name) => ({
      name: `${resource.plural}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...subresourceKind(resource, name),
    })),
  ]);
  const reviews = reviewKinds
    .filter((review) => review.group === group)
    .map(({ plural, kind }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced: false,
      kind,
      verbs: ['create'],
    }));
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion({ group, version }),
    resources: [...stored, ...reviews],
  };
}
