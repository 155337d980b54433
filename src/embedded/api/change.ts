import { type Answer, type Call, invalidOptions, isDryRun, managerOf, present, presentList } from './call.ts';
import { asKubeObject, decodeObject, parseBody } from './decode.ts';
import { type DeleteOptions, deleteObject, toDeleteOptions } from './delete.ts';
import { applyConfig } from './managed-fields.ts';
import { mediaType, unsupportedMediaType } from './negotiate.ts';
import { asObject, asText, isObject, type Json, type JsonObject, type KubeObject } from './objects.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { isAllowed } from './rbac.ts';
import { matcherOf, namespaceOf } from './read.ts';
import { isTrue } from './request-info.ts';
import { groupVersion, type Resource } from './resources.ts';
import { mismatches } from './schema.ts';
import {
  badRequest,
  forbidden,
  forbiddenValue,
  invalid,
  invalidValue,
  notFound,
  required,
  StatusError,
} from './status.ts';
import { strategicMerge } from './strategic-merge.ts';
import { type Objects, placeOf, type WriteOptions } from './write.ts';

function writeOptions(call: Call): WriteOptions {
  const { subresource } = call.path;
  return { manager: managerOf(call), dryRun: isDryRun(call), ...(subresource === 'status' ? { subresource } : {}) };
}

/** The object with the namespace of the path; what contradicts the path is refused. */
function placed(call: Call, object: KubeObject): KubeObject {
  const { resource, path } = call;
  const given = object.metadata.namespace;
  if (!resource.namespaced) return object;
  if (given !== undefined && given !== path.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...object, metadata: { ...object.metadata, namespace: path.namespace } };
}

export function createObject(objects: Objects, call: Call): Answer {
  const { object, warnings } = decodeObject(
    parseBody(call, call.resource.kind),
    call.resource,
    call.query.get('fieldValidation'),
  );
  if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const created = objects.create(call.resource, placed(call, object), writeOptions(call));
  return { code: 201, body: present(call, created), warnings };
}

export function replaceObject(objects: Objects, call: Call): Answer {
  const { object, warnings } = decodeObject(
    parseBody(call, call.resource.kind),
    call.resource,
    call.query.get('fieldValidation'),
  );
  const { name } = object.metadata;
  if (name !== '' && name !== call.path.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.path.name})`);
  }
  const named = { ...object, metadata: { ...object.metadata, name: call.path.name } };
  return {
    code: 200,
    body: present(call, objects.update(call.resource, placed(call, named), writeOptions(call))),
    warnings,
  };
}

export function patchObject(objects: Objects, call: Call): Answer {
  const type = mediaType(call.contentType);
  if (type === 'application/apply-patch+yaml') return apply(objects, call);
  if (call.query.has('force'))
    throw invalidOptions(call, forbiddenValue('force', 'may not be specified for non-apply patch'));
  const current = objects.get(call.resource, call.path);
  if (!current) throw notFound(call.resource, call.path.name);
  const patch = parseBody(call);
  const patched = applyPatch(current, patch, { call, type });
  const { object, warnings } = decodePatched(call, patched);
  if (object.metadata.name !== call.path.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${call.path.name})`,
    );
  }
  if (object.metadata.uid !== current.metadata.uid) {
    const { group, kind } = call.resource;
    const error = invalidValue('metadata.uid', object.metadata.uid ?? '', 'field is immutable');
    throw invalid({ group, kind }, call.path.name, [error]);
  }
  const given = asObject(asObject(patch)['metadata'])['resourceVersion'];
  if (given === undefined) delete object.metadata.resourceVersion;
  return {
    code: 200,
    body: present(call, objects.update(call.resource, placed(call, object), writeOptions(call))),
    warnings,
  };
}

/** What a patch makes of the object must be one of its kind; otherwise it is the patch that is refused. */
function decodePatched(call: Call, patched: Json) {
  try {
    return decodeObject(patched, call.resource, call.query.get('fieldValidation'));
  } catch (error) {
    if (!(error instanceof StatusError) || !/json: |strict decoding error/.test(error.message)) throw error;
    const why = error.message.slice(error.message.search(/(json parse error: )?json: |strict decoding error/));
    throw invalid({ group: '', kind: '' }, '', [invalidValue('patch', call.body.toString('utf8'), why)]);
  }
}

/** Any of the three patches on a copy of the object. */
export function applyPatch(current: JsonObject, patch: Json, { call, type }: { call: Call; type: string }): Json {
  const supported = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
  switch (type) {
    case 'application/json-patch+json':
      return jsonPatch(current, patch);
    case 'application/merge-patch+json':
      return mergePatch(current, patch);
    case 'application/strategic-merge-patch+json':
      if (!call.resource.definition) return strategicMerge(current, patch, call.resource.type);
      break;
    default:
      supported.splice(2, 0, 'application/strategic-merge-patch+json');
  }
  throw unsupportedMediaType(supported);
}

function apply(objects: Objects, call: Call): Answer {
  const { resource, path } = call;
  if (!call.query.get('fieldManager')) {
    throw invalidOptions(call, required('fieldManager', 'is required for apply patch'));
  }
  const value = parseBody(call);
  if (!isObject(value)) throw badRequest('error decoding YAML: the body is no object');
  checkApplied(value, resource);
  const { object, warnings } = decodeObject(value, resource, null);
  if (object.metadata.managedFields) throw badRequest('metadata.managedFields must be nil');
  if (object.metadata.name !== '' && object.metadata.name !== path.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${path.name})`,
    );
  }
  const config = placed(call, { ...object, metadata: { ...object.metadata, name: path.name } });
  const live = objects.get(resource, path);
  const options = writeOptions(call);
  const owner = {
    manager: options.manager,
    apiVersion: groupVersion(resource),
    ...(options.subresource ? { subresource: options.subresource } : {}),
  };
  const merged = asKubeObject(
    applyConfig(live, config, { type: resource.type, owner, force: isTrue(call.query.get('force')) }),
  );
  if (!live && options.subresource === 'status') throw notFound(resource, path.name);
  // what an apply makes needs the right to create, too; real servers say no more than that it is forbidden
  const mayCreate = live !== undefined || isAllowed(objects.store, call.user, { ...call.info, verb: 'create' });
  if (!mayCreate) throw forbidden(resource, path.name, '');
  const given: WriteOptions = { ...options, owners: 'given' };
  const written = live ? objects.update(resource, merged, given) : objects.create(resource, merged, given);
  return { code: live ? 200 : 201, body: present(call, written), warnings };
}

/** The typed object that apply works with knows no other version and no other field, whatever `fieldValidation` says. */
function checkApplied(value: JsonObject, resource: Resource): void {
  const expected = groupVersion(resource);
  const version = asText(value['apiVersion']);
  if (version !== expected) {
    const message = `Incorrect version specified in apply patch. Specified patch version: ${version}, expected: ${expected}`;
    throw badRequest(message);
  }
  const unknown = mismatches(value, resource.type).find(({ problem }) => problem === 'unknown');
  if (!unknown) return;
  const message = `failed to create typed patch object: .${unknown.path}: field not declared in schema`;
  throw new StatusError(500, '', message);
}

function deleteOptions(call: Call): DeleteOptions {
  const body = call.body.length === 0 ? {} : asObject(parseBody(call));
  const kind = asText(body['kind']) || 'DeleteOptions';
  const version = JSON.stringify(asText(body['apiVersion']));
  if (kind !== 'DeleteOptions')
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${version}`);
  return toDeleteOptions(body, call.query);
}

export function removeObject(objects: Objects, call: Call): Answer {
  const options = deleteOptions(call);
  const { object, isGone } = deleteObject(objects, call.resource, { place: call.path, options });
  const returnsObject = [
    'Pod',
    'Namespace',
    'Service',
    'ServiceAccount',
    'PersistentVolumeClaim',
    'CustomResourceDefinition',
  ];
  if (!isGone || returnsObject.includes(call.resource.kind)) return { code: 200, body: present(call, object) };
  const { group, plural: kind } = call.resource;
  const details: JsonObject = {
    name: object.metadata.name,
    ...(group === '' ? {} : { group }),
    kind,
    ...(object.metadata.uid ? { uid: object.metadata.uid } : {}),
  };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

export function removeCollection(objects: Objects, call: Call): Answer {
  const options = deleteOptions(call);
  const matches = matcherOf(call);
  const found = objects.list(call.resource, namespaceOf(call)).filter(matches);
  for (const object of found) deleteObject(objects, call.resource, { place: placeOf(object), options });
  return { code: 200, body: presentList(call, found, { resourceVersion: String(objects.store.revision()) }) };
}
