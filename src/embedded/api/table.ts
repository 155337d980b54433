import { column, columnsOf, wide } from './columns.ts';
import type { Json, JsonObject, KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** What each row says of its object beside the cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

interface TableOptions {
  readonly metadata: JsonObject;
  readonly include: IncludeObject;
}

/** The list as the `Table` that `kubectl get` prints. */
export function toTable(
  resource: Resource,
  objects: readonly KubeObject[],
  { metadata, include }: TableOptions,
): JsonObject {
  const name = column('Name', (object) => object.metadata.name, { format: 'name' });
  const columns =
    resource.kind === 'Event' ? [...columnsOf(resource), { ...name, ...wide }] : [name, ...columnsOf(resource)];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, type = 'string', format = '', priority = 0 }) => ({
      name,
      type,
      format,
      description: name,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: included(object, include),
    })),
  };
}

function included(object: KubeObject, include: IncludeObject): Json {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  return toPartial(object);
}

/** The object with nothing but its metadata. */
export const toPartial = ({ metadata }: KubeObject): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});
