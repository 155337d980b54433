import { pipeline } from 'node:stream/promises';
import type { Authenticator } from './auth.ts';
import { type Answer, type Call, isDryRun, managerOf } from './call.ts';
import { applyPatch, createObject, patchObject, replaceObject } from './change.ts';
import { parseBody } from './decode.ts';
import { deleteObject, toDeleteOptions } from './delete.ts';
import { mediaType, methodNotAllowed } from './negotiate.ts';
import { asObject, asText, at, type JsonObject, type KubeObject } from './objects.ts';
import { numberOf } from './pages.ts';
import type { PodRuntime } from './pod-runtime.ts';
import type { Pod } from './pod-types.ts';
import { getObject } from './read.ts';
import { isTrue } from './request-info.ts';
import { badRequest, invalid, invalidValue, noSuchPath, notFound } from './status.ts';
import type { Objects } from './write.ts';

export interface ApiParts {
  readonly objects: Objects;
  readonly runtime: PodRuntime;
  readonly authenticator: Authenticator;
}

/** Everything below an object, except the upgraded streams. */
export function handleSubresource(parts: ApiParts, call: Call): Answer {
  const { objects } = parts;
  const { subresource } = call.path;
  if (!call.resource.subresources.includes(subresource)) throw noSuchPath();
  if (subresource === 'status') return handleStatus(objects, call);
  if (subresource === 'scale') return handleScale(objects, call);
  if (subresource === 'log' && call.info.verb === 'get') return readLog(parts, call);
  if (subresource === 'eviction' && call.info.verb === 'create') return evict(objects, call);
  if (subresource === 'token' && call.info.verb === 'create') return createToken(parts, call);
  if (subresource === 'finalize' && call.info.verb === 'update') return replaceObject(objects, call);
  if (['exec', 'attach', 'portforward'].includes(subresource)) {
    podOf(objects, call);
    throw badRequest('Upgrade request required');
  }
  throw methodNotAllowed();
}

function handleStatus(objects: Objects, call: Call): Answer {
  if (call.info.verb === 'get') return getObject(objects, call);
  if (call.info.verb === 'patch') return patchObject(objects, call);
  if (call.info.verb === 'update') return replaceObject(objects, call);
  return createObject(objects, { ...call, path: { ...call.path, subresource: '' } });
}

function toScale({ metadata, ...object }: KubeObject): JsonObject {
  const { name, namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = metadata;
  const labels = Object.entries(asObject(at(object, 'spec', 'selector', 'matchLabels')));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: at(object, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: at(object, 'status', 'replicas') ?? 0,
      selector: labels.map(([key, value]) => `${key}=${asText(value)}`).join(','),
    },
  };
}

function handleScale(objects: Objects, call: Call): Answer {
  const { resource, path } = call;
  const current = objects.get(resource, path);
  if (!current) throw notFound(resource, path.name);
  const scale = toScale(current);
  if (call.info.verb === 'get') return { code: 200, body: scale };
  const body = parseBody(call, 'Scale');
  const type = mediaType(call.contentType);
  const kind = asText(at(body, 'kind')) || 'Scale';
  if (kind !== 'Scale') throw badRequest(`${kind} in version "v1" cannot be handled as a Scale: unknown conversion`);
  const wanted = call.info.verb === 'patch' ? applyPatch(scale, body, { call, type }) : body;
  const replicas = at(wanted, 'spec', 'replicas') ?? 0;
  const next = structuredClone(current);
  next['spec'] = { ...asObject(next['spec']), replicas };
  const resourceVersion = asText(at(wanted, 'metadata', 'resourceVersion'));
  if (resourceVersion !== '') next.metadata.resourceVersion = resourceVersion;
  const written = objects.update(resource, next, {
    manager: managerOf(call),
    dryRun: isDryRun(call),
    subresource: 'scale',
  });
  return { code: 200, body: toScale(written) };
}

/** The pod of the request; 404 if there is none. */
export function podOf(objects: Objects, call: Pick<Call, 'resource' | 'path'>): Pod {
  const pod = objects.get<Pod>(call.resource, call.path);
  if (!pod) throw notFound(call.resource, call.path.name);
  return pod;
}

/** The container that the request means; the words of the refusals are those of the real server. */
export function containerOf(pod: Pod, asked: string | null): string {
  const inits = (pod.spec.initContainers ?? []).map(({ name }) => name);
  const names = pod.spec.containers.map(({ name }) => name);
  const pick = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const name = asked || (names.length === 1 ? names[0] : pick);
  if (!name) {
    const extra = inits.length > 0 ? ` or one of the init containers: [${inits.join(' ')}]` : '';
    throw badRequest(
      `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]${extra}`,
    );
  }
  if (![...names, ...inits].includes(name)) {
    throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`);
  }
  return name;
}

function readLog({ objects, runtime }: ApiParts, call: Call): Answer {
  const { query, signal } = call;
  const pod = podOf(objects, call);
  const container = containerOf(pod, query.get('container'));
  const count = (name: string, least: 0 | 1): number | undefined => {
    const value = numberOf(query, name);
    if (value === undefined || value >= least) return value;
    const why = `must be greater than ${least === 0 ? 'or equal to ' : ''}0`;
    throw invalid({ group: '', kind: 'PodLogOptions' }, pod.metadata.name, [invalidValue(name, value, why)]);
  };
  const seconds = count('sinceSeconds', 1);
  const time = query.get('sinceTime');
  const since = seconds === undefined ? (time === null ? undefined : Date.parse(time)) : Date.now() - seconds * 1000;
  if (since !== undefined && Number.isNaN(since)) throw badRequest(`invalid sinceTime ${JSON.stringify(time)}`);
  const output = runtime.log(pod, container, {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    tailLines: count('tailLines', 0),
    limitBytes: count('limitBytes', 1),
    since,
    signal,
  });
  return {
    stream: async (response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.flushHeaders();
      await pipeline(output, response, { signal });
    },
  };
}

const success: JsonObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

function evict(objects: Objects, call: Call): Answer {
  podOf(objects, call);
  const options = toDeleteOptions(asObject(at(parseBody(call), 'deleteOptions')), call.query);
  deleteObject(objects, call.resource, { place: call.path, options });
  return { code: 201, body: success };
}

function createToken({ objects, authenticator }: ApiParts, call: Call): Answer {
  const account = objects.get(call.resource, call.path);
  if (!account) throw notFound(call.resource, call.path.name);
  const body = asObject(parseBody(call));
  const asked = at(body, 'spec', 'expirationSeconds');
  const seconds = typeof asked === 'number' ? asked : 3600;
  const { name, namespace = '', uid = '' } = account.metadata;
  const token = authenticator.issueToken({ name, namespace, uid }, seconds);
  const expirationTimestamp = new Date(Date.now() + seconds * 1000).toISOString();
  return {
    code: 201,
    body: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace },
      spec: { ...asObject(body['spec']), expirationSeconds: seconds },
      status: { token, expirationTimestamp },
    },
  };
}
