/** What a request asks for, read from method, path and query as the real API server reads it. */
export interface RequestInfo {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; lower-case method otherwise. */
  readonly verb: string;
  readonly path: string;
  /** Undefined for paths that are no objects, such as `/version`. */
  readonly resource: ResourcePath | undefined;
}

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export function toRequestInfo(method: string, url: URL): RequestInfo {
  const path = url.pathname;
  const resource = toResourcePath(path);
  return { verb: resource ? verbOf(method, resource, url.searchParams) : method.toLowerCase(), path, resource };
}

function toResourcePath(path: string): ResourcePath | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const root = parts.shift();
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : (parts.shift() ?? '');
  const version = parts.shift();
  if (version === undefined || parts.length === 0) return undefined;
  if (parts[0] === 'watch') parts.shift();
  let namespace = '';
  // `namespaces/x` is a namespace, `namespaces/x/pods` are its pods, `namespaces/x/status` is a part of it.
  const isScope = parts[0] === 'namespaces' && parts.length > 2 && !['status', 'finalize'].includes(parts[2] ?? '');
  if (isScope) {
    namespace = parts[1] ?? '';
    parts.splice(0, 2);
  }
  const [plural = '', name = '', ...rest] = parts;
  if (plural === 'namespaces' && group === '') namespace = name;
  return { group, version, plural, namespace, name, subresource: rest.join('/') };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function verbOf(method: string, { name }: ResourcePath, query: URLSearchParams): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    case 'GET':
      if (isTrue(query.get('watch'))) return 'watch';
      return name === '' ? 'list' : 'get';
    default:
      return method.toLowerCase();
  }
}

export function isTrue(value: string | null): boolean {
  return value !== null && /^(1|t|true)$/i.test(value);
}
