import type { RequestInfo } from './request-info.ts';
import { StatusError } from './status.ts';

const json = 'application/json';
const bodyTypes = [json, 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const patchTypes = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'];

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError(405, 'MethodNotAllowed', message, {});
}

export function unsupportedMediaType(supported: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

/** `application/json; charset=utf-8` → `application/json`. */
export function mediaType(header: string): string {
  return (header.split(';')[0] ?? '').trim().toLowerCase();
}

/** Throws 405 for what cannot be done with a whole list, with one object, or with what is none. */
export function checkMethod({ verb, resource }: RequestInfo): void {
  if (!resource) {
    if (verb !== 'get') throw methodNotAllowed();
    return;
  }
  const { group, plural, name, subresource } = resource;
  if (subresource !== '') return;
  const verbs =
    name === ''
      ? ['list', 'watch', 'create', 'deletecollection']
      : ['get', 'watch', 'update', 'patch', 'delete', 'deletecollection'];
  const isAllNamespaces = verb === 'deletecollection' && group === '' && plural === 'namespaces';
  if (!verbs.includes(verb) || isAllNamespaces) throw methodNotAllowed();
}

/** Throws 415 for a body that cannot be read, and 406 for an answer that cannot be given. */
export function checkMediaTypes(
  { verb }: RequestInfo,
  { contentType, accept, body }: { contentType: string; accept: string; body: Buffer },
): void {
  const type = mediaType(contentType);
  if (verb === 'patch') {
    const supported = patchTypes.map((name) => `application/${name}`);
    if (!supported.includes(type)) throw unsupportedMediaType(supported);
  } else if (body.length > 0 && !bodyTypes.includes(type)) throw unsupportedMediaType(bodyTypes);
  if (accept !== '' && !accept.split(',').some(isGiven)) {
    const message = `only the following media types are accepted: ${json}`;
    throw new StatusError(406, 'NotAcceptable', message);
  }
}

/** JSON is all that is given; as a table or as metadata in their one version. */
function isGiven(part: string): boolean {
  const type = mediaType(part);
  if (type !== '*/*' && type !== 'application/*' && type !== json) return false;
  const [as, version] = [/;\s*as=([^;]*)/.exec(part)?.[1], /;\s*v=([^;]*)/.exec(part)?.[1]];
  return as === undefined || version === undefined || ['v1', 'v1beta1'].includes(version.trim());
}
