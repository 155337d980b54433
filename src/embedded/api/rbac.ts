import type { IncomingHttpHeaders } from 'node:http';
import type { User } from './auth.ts';
import { asList, asObject, asText, at, type Json, type JsonObject, type KubeObject } from './objects.ts';
import type { RequestInfo, ResourcePath } from './request-info.ts';
import { StatusError } from './status.ts';
import type { Store } from './store.ts';

/** Whether the RBAC objects allow the user this request. `system:masters` may do everything. */
export function isAllowed(store: Store, user: User, info: RequestInfo): boolean {
  if (user.groups.includes('system:masters')) return true;
  if (!info.resource && isPublicPath(info.path) && info.verb === 'get') return true;
  return rulesFor(store, user, info.resource?.namespace ?? '').some((rule) => covers(rule, info));
}

/** The user that the headers ask to act as, if the one who asks may do that. Throws 403. */
export function impersonated(store: Store, user: User, headers: IncomingHttpHeaders): User {
  const name = headers['impersonate-user'];
  if (typeof name !== 'string') return user;
  const resource = { group: '', version: 'v1', plural: 'users', namespace: '', name, subresource: '' };
  const info: RequestInfo = { verb: 'impersonate', path: '', resource };
  if (!isAllowed(store, user, info)) throw forbiddenFor(user, info);
  const groups = String(headers['impersonate-group'] ?? '').split(', ');
  return { name, groups: [...groups.filter((group) => group !== ''), 'system:authenticated'] };
}

/** What everybody may read, as the real server's default roles say. */
function isPublicPath(path: string): boolean {
  return /^\/(healthz|livez|readyz|version|api|apis|openapi)(\/|$)/.test(path);
}

/** All rules that apply to the user in the namespace (`''`: for the whole cluster only). */
export function rulesFor(store: Store, user: User, namespace: string): JsonObject[] {
  const clusterWide = store.list('clusterrolebindings.rbac.authorization.k8s.io');
  const local = namespace === '' ? [] : store.list('rolebindings.rbac.authorization.k8s.io', namespace);
  return [...clusterWide, ...local]
    .filter((binding) => asList(binding['subjects']).some((subject) => isSubject(asObject(subject), user, binding)))
    .flatMap((binding) => roleRules(store, binding));
}

function isSubject(subject: JsonObject, user: User, binding: KubeObject): boolean {
  const name = asText(subject['name']);
  if (subject['kind'] === 'User') return name === user.name;
  if (subject['kind'] === 'Group') return user.groups.includes(name);
  const namespace = asText(subject['namespace']) || (binding.metadata.namespace ?? '');
  return subject['kind'] === 'ServiceAccount' && user.name === `system:serviceaccount:${namespace}:${name}`;
}

function roleRules(store: Store, binding: KubeObject): JsonObject[] {
  const kind = asText(at(binding, 'roleRef', 'kind'));
  const name = asText(at(binding, 'roleRef', 'name'));
  const role =
    kind === 'ClusterRole'
      ? store.get('clusterroles.rbac.authorization.k8s.io', '', name)
      : store.get('roles.rbac.authorization.k8s.io', binding.metadata.namespace ?? '', name);
  return asList(role?.['rules']).map(asObject);
}

function covers(rule: JsonObject, { verb, path, resource }: RequestInfo): boolean {
  if (!has(rule['verbs'], verb)) return false;
  if (!resource) {
    return asList(rule['nonResourceURLs'])
      .map(asText)
      .some((url) => url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))));
  }
  const names = asList(rule['resourceNames']);
  if (names.length > 0 && !names.includes(resource.name)) return false;
  return has(rule['apiGroups'], resource.group) && coversResource(rule, resource);
}

function coversResource(rule: JsonObject, { plural, subresource }: ResourcePath): boolean {
  const full = subresource === '' ? plural : `${plural}/${subresource}`;
  return asList(rule['resources']).some(
    (item) => item === '*' || item === full || (subresource !== '' && item === `*/${subresource}`),
  );
}

function has(list: Json | undefined, value: string): boolean {
  return asList(list).some((item) => item === '*' || item === value);
}

/** The 403 of the real server, word for word. */
export function forbiddenFor(user: User, { verb, path, resource }: RequestInfo): StatusError {
  const who = `User ${JSON.stringify(user.name)}`;
  if (!resource) {
    return new StatusError(403, 'Forbidden', `forbidden: ${who} cannot ${verb} path ${JSON.stringify(path)}`, {});
  }
  const { group, plural, name, namespace, subresource } = resource;
  const what = subresource === '' ? plural : `${plural}/${subresource}`;
  const scope =
    namespace !== '' && plural !== 'namespaces'
      ? ` in the namespace ${JSON.stringify(namespace)}`
      : plural === 'namespaces' && name !== ''
        ? ` in the namespace ${JSON.stringify(name)}`
        : ' at the cluster scope';
  const subject = `${group === '' ? plural : `${plural}.${group}`}${name === '' ? '' : ` ${JSON.stringify(name)}`}`;
  const message = `${subject} is forbidden: ${who} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)}${scope}`;
  return new StatusError(403, 'Forbidden', message, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: plural,
  });
}

/** The roles that every cluster has and that charts and guides refer to. */
export function defaultRoles(): { name: string; rules: JsonObject[] }[] {
  const all = ['*'];
  const write = ['create', 'delete', 'deletecollection', 'patch', 'update'];
  const read = ['get', 'list', 'watch'];
  const groups = ['', 'apps', 'batch', 'autoscaling', 'networking.k8s.io', 'policy', 'discovery.k8s.io'];
  const readable = [
    ...[
      'pods',
      'pods/log',
      'pods/status',
      'services',
      'configmaps',
      'events',
      'endpoints',
      'serviceaccounts',
      'persistentvolumeclaims',
    ],
    ...[
      'namespaces',
      'deployments',
      'deployments/scale',
      'replicasets',
      'replicasets/scale',
      'statefulsets',
      'statefulsets/scale',
      'daemonsets',
    ],
    ...[
      'jobs',
      'cronjobs',
      'horizontalpodautoscalers',
      'ingresses',
      'networkpolicies',
      'poddisruptionbudgets',
      'endpointslices',
    ],
    ...['limitranges', 'resourcequotas', 'controllerrevisions'],
  ];
  const view = { apiGroups: groups, resources: readable, verbs: read };
  const secret = ['pods/attach', 'pods/exec', 'pods/portforward', 'secrets'];
  const editable = [
    ...readable.filter((name) => !['namespaces', 'events', 'limitranges', 'resourcequotas'].includes(name)),
    ...secret,
    'pods/eviction',
    'serviceaccounts/token',
  ];
  const edit = [view, { apiGroups: groups, resources: editable, verbs: [...read, ...write] }];
  const roles = {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'rolebindings'],
    verbs: [...read, ...write],
  };
  return [
    {
      name: 'cluster-admin',
      rules: [
        { apiGroups: all, resources: all, verbs: all },
        { nonResourceURLs: all, verbs: all },
      ],
    },
    { name: 'admin', rules: [...edit, roles] },
    { name: 'edit', rules: edit },
    { name: 'view', rules: [view] },
  ];
}
