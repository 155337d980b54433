import type { ServerResponse } from 'node:http';
import type { User } from './auth.ts';
import type { Json, JsonObject, KubeObject } from './objects.ts';
import type { RequestInfo, ResourcePath } from './request-info.ts';
import type { Resource } from './resources.ts';
import { badRequest, type FieldError, invalid, notSupported, type StatusError, tooLong } from './status.ts';
import { type IncludeObject, toPartial, toTable } from './table.ts';

/** One request for objects, as the handlers get it: who, what, with which body. */
export interface Call {
  readonly info: RequestInfo;
  readonly path: ResourcePath;
  readonly resource: Resource;
  readonly query: URLSearchParams;
  readonly user: User;
  readonly accept: string;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: Buffer;
  /** Aborts when the client has gone or the server closes. */
  readonly signal: AbortSignal;
}

/** What goes back: an object, or a function that writes the answer itself (watches, logs). */
export type Answer =
  | { readonly code: number; readonly body: JsonObject; readonly warnings?: readonly string[] }
  | { readonly stream: (response: ServerResponse) => Promise<void> };

/** The field manager: as asked for, else the program's name. Throws 422 for a name that is too long. */
export function managerOf(call: Call): string {
  const manager = call.query.get('fieldManager') || call.userAgent.split('/')[0] || 'unknown';
  if (manager.length <= 128) return manager;
  throw invalidOptions(call, tooLong('fieldManager', 128));
}

/** A mistake in the options of the query. */
export function invalidOptions({ info }: Call, error: FieldError): StatusError {
  const kind = `${info.verb.charAt(0).toUpperCase()}${info.verb.slice(1)}Options`;
  return invalid({ group: 'meta.k8s.io', kind }, '', [error]);
}

/** Throws 422 for a word other than `All`. */
export function isDryRun(call: Call): boolean {
  const words = call.query.getAll('dryRun').filter((word) => word !== '');
  const other = words.find((word) => word !== 'All');
  if (other === undefined) return words.length > 0;
  throw invalidOptions(call, notSupported('dryRun', other, ['All']));
}

/** Shows one object in the form that the client accepts: as it is, as a table or as its metadata alone. */
export function present(call: Call, object: KubeObject): JsonObject {
  const { accept, resource } = call;
  if (accept.includes('as=Table')) {
    const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
    return toTable(resource, [object], { metadata, include: includeOf(call) });
  }
  if (accept.includes('as=PartialObjectMetadata')) return toPartial(object);
  return object;
}

/** Shows a list in the form that the client accepts. */
export function presentList(call: Call, items: readonly KubeObject[], metadata: JsonObject): JsonObject {
  const { accept, resource } = call;
  if (accept.includes('as=Table')) return toTable(resource, items, { metadata, include: includeOf(call) });
  if (accept.includes('as=PartialObjectMetadataList')) {
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(toPartial) };
  }
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return { kind: `${resource.kind}List`, apiVersion, metadata, items: [...items] as Json[] };
}

function includeOf({ query }: Call): IncludeObject {
  const asked = query.get('includeObject') || 'Metadata';
  const found = (['None', 'Metadata', 'Object'] as const).find((word) => word === asked);
  if (found) return found;
  const why = `includeObject: Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: ${why}`);
}
