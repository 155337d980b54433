import { createHash } from 'node:crypto';
import { asObject, type JsonObject } from './objects.ts';
import { groupVersion, type Resource, type Resources } from './resources.ts';
import { builtInNames, builtInType, type Type } from './schema.ts';

/** The index of OpenAPI version 3: one document for each group and version. */
export function openApiIndex(resources: Resources): JsonObject {
  const paths = [...new Set(resources.all().map(pathOf))].map((path) => {
    const own = resources.all().filter((resource) => pathOf(resource) === path);
    const hash = createHash('sha256')
      .update(JSON.stringify(own.map(({ plural, definition }) => [plural, definition])))
      .digest('hex');
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(paths) as JsonObject };
}

function pathOf(resource: Resource): string {
  return resource.group === '' ? `api/${resource.version}` : `apis/${groupVersion(resource)}`;
}

/** The document of one group and version such as `apis/apps/v1`; undefined if there is none. */
export function openApiDocument(resources: Resources, path: string): JsonObject | undefined {
  const served = resources.all().filter((resource) => pathOf(resource) === path);
  if (served.length === 0) return undefined;
  const custom = served.filter(({ definition }) => definition);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.32.0' },
    paths: Object.fromEntries(served.map((resource) => [`/${path}/${scopeOf(resource)}/{name}`, operations(resource)])),
    components: {
      schemas: {
        ...schemas(served),
        ...Object.fromEntries(custom.map((resource) => [resource.kind, customSchema(resource)])),
      },
    },
  };
}

function scopeOf({ namespaced, plural }: Resource): string {
  return namespaced ? `namespaces/{namespace}/${plural}` : plural;
}

/** What kubectl looks for: that writing knows `fieldValidation`, so that it leaves the checks to the server. */
function operations(resource: Resource): JsonObject {
  const { group, version, kind } = resource;
  const common = { 'x-kubernetes-group-version-kind': { group, version, kind }, responses: {} };
  const query = (name: string): JsonObject => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } });
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map(query);
  return {
    parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }],
    get: { ...common, 'x-kubernetes-action': 'get' },
    patch: { ...common, 'x-kubernetes-action': 'patch', parameters: [...parameters, query('force')] },
    put: { ...common, 'x-kubernetes-action': 'put', parameters },
  };
}

function customSchema({ definition, group, version, kind }: Resource): JsonObject {
  const schema = asObject(asObject(definition?.['schema'])['openAPIV3Schema']);
  return { ...schema, 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
}

/** All built-in types; those that a resource is made of carry its group, version and kind. */
function schemas(served: readonly Resource[]): JsonObject {
  const kinds = new Map(
    served.map((resource) => [resource.type.kind === 'object' ? resource.type.name : '', resource]),
  );
  return Object.fromEntries(
    builtInNames().map((name) => {
      const type = builtInType(name);
      const owner = kinds.get(name);
      const gvk = owner
        ? { 'x-kubernetes-group-version-kind': [{ group: owner.group, version: owner.version, kind: owner.kind }] }
        : {};
      return [name, { ...objectSchema(type), ...gvk }];
    }),
  );
}

function objectSchema(type: Type): JsonObject {
  if (type.kind !== 'object') return {};
  const properties = Object.entries(type.fields).map(([key, field]) => [key, fieldSchema(field)]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as JsonObject,
    ...(type.required.length > 0 ? { required: [...type.required] } : {}),
  };
}

function fieldSchema(type: Type): JsonObject {
  switch (type.kind) {
    case 'object': {
      const strategy = type.retainKeys ? { 'x-kubernetes-patch-strategy': 'retainKeys' } : {};
      return { allOf: [{ $ref: `#/components/schemas/${type.name}` }], ...strategy };
    }
    case 'list': {
      const { merge, keys, set } = type.rule;
      const retains = type.items.kind === 'object' && type.items.retainKeys ? ',retainKeys' : '';
      return {
        type: 'array',
        items: fieldSchema(type.items),
        ...(merge === undefined ? {} : { 'x-kubernetes-patch-strategy': `merge${retains}` }),
        ...(merge ? { 'x-kubernetes-patch-merge-key': merge } : {}),
        ...(keys
          ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [...keys] }
          : set
            ? { 'x-kubernetes-list-type': 'set' }
            : {}),
      };
    }
    case 'map':
      return { type: 'object', additionalProperties: fieldSchema(type.values) };
    case 'time':
      return { type: 'string', format: 'date-time' };
    case 'byte':
      return { type: 'string', format: 'byte' };
    case 'quantity':
    case 'int-or-string':
      return { oneOf: [{ type: 'string' }, { type: 'number' }] };
    case 'any':
      return {};
    default:
      return { type: type.kind };
  }
}
