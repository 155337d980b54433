import { asList, asObject, asText, type JsonObject, type KubeObject } from './objects.ts';
import { builtInType, type Type, typeOfSchema } from './schema.ts';

/** One kind of object that the server keeps, in one version. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** `status` and `scale` behave as everywhere; others are calls of their own. */
  readonly subresources: readonly string[];
  readonly type: Type;
  /** The definition of a custom resource. */
  readonly definition?: JsonObject;
}

/** What storage files objects under: versions of one resource share it. */
export function storageKey({ group, plural }: { group: string; plural: string }): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export function groupVersion({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** One line each: group/version, plural, kind, scope (n or c), short names, subresources, categories. */
const builtIn = `
v1 pods Pod n po status,log,exec,attach,portforward,eviction all
v1 services Service n svc status all
v1 configmaps ConfigMap n cm
v1 secrets Secret n
v1 namespaces Namespace c ns status,finalize
v1 nodes Node c no status
v1 events Event n ev
v1 endpoints Endpoints n ep
v1 serviceaccounts ServiceAccount n sa token
v1 persistentvolumeclaims PersistentVolumeClaim n pvc status
v1 persistentvolumes PersistentVolume c pv status
v1 limitranges LimitRange n limits
v1 resourcequotas ResourceQuota n quota status
apps/v1 deployments Deployment n deploy status,scale all
apps/v1 replicasets ReplicaSet n rs status,scale all
apps/v1 statefulsets StatefulSet n sts status,scale all
apps/v1 daemonsets DaemonSet n ds status all
apps/v1 controllerrevisions ControllerRevision n
batch/v1 jobs Job n - status all
batch/v1 cronjobs CronJob n cj status all
autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler n hpa status all
autoscaling/v1 horizontalpodautoscalers HorizontalPodAutoscaler n hpa status all
networking.k8s.io/v1 ingresses Ingress n ing status
networking.k8s.io/v1 ingressclasses IngressClass c
networking.k8s.io/v1 networkpolicies NetworkPolicy n netpol
rbac.authorization.k8s.io/v1 roles Role n
rbac.authorization.k8s.io/v1 rolebindings RoleBinding n
rbac.authorization.k8s.io/v1 clusterroles ClusterRole c
rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding c
coordination.k8s.io/v1 leases Lease n
policy/v1 poddisruptionbudgets PodDisruptionBudget n pdb status
storage.k8s.io/v1 storageclasses StorageClass c sc
scheduling.k8s.io/v1 priorityclasses PriorityClass c pc
discovery.k8s.io/v1 endpointslices EndpointSlice n
apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition c crd,crds status api-extensions
`;

const typeNames: Readonly<Record<string, string>> = {
  TokenRequest: 'AuthenticationV1TokenRequest',
  Event: 'CoreV1Event',
};

/** The name of the type of a kind in the schema. */
export function typeNameOf(kind: string, version = 'v1'): string {
  return typeNames[kind] ?? `${/^v\d$/.test(version) ? version.toUpperCase() : 'V1'}${kind}`;
}

function parseLine(line: string): Resource {
  const [gv = '', plural = '', kind = '', scope = '', short = '-', subresources = '', categories = ''] =
    line.split(' ');
  const [group, version] = gv.includes('/') ? gv.split('/') : ['', gv];
  return {
    group: group ?? '',
    version: version ?? '',
    plural,
    singular: kind.toLowerCase(),
    kind,
    shortNames: short === '-' ? [] : short.split(','),
    categories: categories === '' ? [] : categories.split(','),
    namespaced: scope === 'n',
    subresources: subresources === '' ? [] : subresources.split(','),
    type: builtInType(typeNameOf(kind, version)),
  };
}

/** All resources that are served now; custom ones come and go. */
export interface Resources {
  all(): readonly Resource[];
  find(group: string, version: string, plural: string): Resource | undefined;
  ofKind(apiVersion: string, kind: string): Resource | undefined;
  /** A built-in resource by its plural name; throws if the name is wrong, which would be our mistake. */
  builtIn(plural: string): Resource;
  /** Serves what the definition says; replaces what an older state of it said. */
  define(definition: KubeObject): readonly Resource[];
  undefine(name: string): void;
}

export function createResources(): Resources {
  const fixed = builtIn.trim().split('\n').map(parseLine);
  const custom = new Map<string, readonly Resource[]>();
  const all = () => [...fixed, ...[...custom.values()].flat()];
  return {
    all,
    find: (group, version, plural) =>
      all().find((item) => item.plural === plural && item.group === group && item.version === version),
    ofKind: (apiVersion, kind) => all().find((item) => item.kind === kind && groupVersion(item) === apiVersion),
    builtIn(plural) {
      const found = fixed.find((item) => item.plural === plural);
      if (!found) throw new Error(`no built-in resource ${plural}`);
      return found;
    },
    define(definition) {
      const served = toResources(definition);
      custom.set(definition.metadata.name, served);
      return served;
    },
    undefine: (name) => void custom.delete(name),
  };
}

/** The resources that a CustomResourceDefinition asks for, one for each served version. */
export function toResources(definition: KubeObject): Resource[] {
  const spec = asObject(definition['spec']);
  const names = asObject(spec['names']);
  const kind = asText(names['kind']);
  return asList(spec['versions'])
    .map(asObject)
    .filter((version) => version['served'] === true)
    .map((version) => ({
      group: asText(spec['group']),
      version: asText(version['name']),
      plural: asText(names['plural']),
      singular: asText(names['singular']) || kind.toLowerCase(),
      kind,
      shortNames: asList(names['shortNames']).map(asText),
      categories: asList(names['categories']).map(asText),
      namespaced: spec['scope'] === 'Namespaced',
      subresources: Object.keys(asObject(version['subresources'])),
      type: customType(asObject(asObject(version['schema'])['openAPIV3Schema'])),
      definition: version,
    }));
}

function customType(schema: JsonObject): Type {
  const type = typeOfSchema(schema);
  if (type.kind !== 'object') return type;
  const common: Record<string, Type> = {
    apiVersion: { kind: 'string' },
    kind: { kind: 'string' },
    metadata: builtInType('V1ObjectMeta'),
  };
  return { ...type, fields: { ...type.fields, ...common } };
}
