import { once } from 'node:events';
import { connect } from 'node:net';
import type { ImageRecord, ImageStore } from '../images/image-store.ts';
import { familiarName, familiarRepository, parseReference } from '../images/reference.ts';
import { isSet } from './build-request.ts';
import { EngineError } from './engine-error.ts';
import { type Call, openStream, type Route, sendJson } from './route.ts';
import { hash } from './stage.ts';

/** The part of the API about images. */
export function imageRoutes(store: ImageStore): readonly Route[] {
  return [
    { method: 'GET', path: /^\/images\/json$/, handle: (call) => list(store, call) },
    { method: 'POST', path: /^\/images\/prune$/, handle: (call) => prune(store, call) },
    {
      method: 'GET',
      path: /^\/images\/(.+)\/json$/,
      handle: ({ response, name }) => sendJson(response, inspection(store, need(store, name))),
    },
    {
      method: 'GET',
      path: /^\/images\/(.+)\/history$/,
      handle: ({ response, name }) => sendJson(response, history(store, need(store, name))),
    },
    { method: 'POST', path: /^\/images\/(.+)\/tag$/, handle: (call) => tag(store, call) },
    { method: 'POST', path: /^\/images\/(.+)\/push$/, handle: (call) => push(store, call) },
    { method: 'DELETE', path: /^\/images\/(.+)$/, handle: (call) => remove(store, call) },
    { method: 'GET', path: /^\/distribution\/(.+)\/json$/, handle: (call) => distribution(store, call) },
  ];
}

function need(store: ImageStore, name: string): ImageRecord {
  const found = store.find(name);
  if (found) return found;
  const parsed = parseReference(name);
  throw new EngineError(404, `No such image: ${parsed ? familiarName(parsed) : name}`);
}

function diffIds(record: ImageRecord): string[] {
  return record.layers.map((layer) => `sha256:${hash(layer)}`);
}

function list(store: ImageStore, { response, query }: Call): void {
  const filters = JSON.parse(query.get('filters') || '{}') as Record<string, unknown>;
  const wanted = (name: string): string[] => {
    const value = filters[name] ?? [];
    return Array.isArray(value) ? value.map(String) : Object.keys(value);
  };
  const [dangling] = wanted('dangling');
  const references = wanted('reference');
  const labels = wanted('label');
  const records = store.list().filter((record) => {
    const tags = store.tagsOf(record.id);
    if (dangling !== undefined && isSet(dangling) !== (tags.length === 0)) return false;
    if (!labels.every((label) => hasLabel(record, label))) return false;
    return (
      references.length === 0 ||
      references.some((name) => tags.some((entry) => entry === name || entry.startsWith(`${name}:`)))
    );
  });
  sendJson(
    response,
    records.map((record) => summary(store, record)),
  );
}

function hasLabel(record: ImageRecord, label: string): boolean {
  const [name = '', ...value] = label.split('=');
  const found = record.config.Labels?.[name];
  return found !== undefined && (value.length === 0 || found === value.join('='));
}

function summary(store: ImageStore, record: ImageRecord) {
  const tags = store.tagsOf(record.id);
  return {
    Containers: -1,
    Created: Math.floor(Date.parse(record.created) / 1000),
    Id: record.id,
    Labels: record.config.Labels ?? null,
    ParentId: '',
    RepoDigests: store.digestsOf(record.id),
    RepoTags: tags.length > 0 ? tags : ['<none>:<none>'],
    SharedSize: -1,
    Size: 0,
    VirtualSize: 0,
  };
}

function inspection(store: ImageStore, record: ImageRecord) {
  return {
    Id: record.id,
    RepoTags: store.tagsOf(record.id),
    RepoDigests: store.digestsOf(record.id),
    Parent: '',
    Comment: '',
    Created: record.created,
    Author: '',
    Config: { User: '', WorkingDir: '', Env: null, Cmd: null, Entrypoint: null, Labels: null, ...record.config },
    Architecture: { x64: 'amd64' }[process.arch as 'x64'] ?? process.arch,
    Os: 'linux',
    Size: 0,
    VirtualSize: 0,
    RootFS: { Type: 'layers', Layers: diffIds(record) },
  };
}

function history(store: ImageStore, record: ImageRecord) {
  const created = Math.floor(Date.parse(record.created) / 1000);
  return [...record.history].reverse().map((line, index) => ({
    Id: index === 0 ? record.id : '<missing>',
    Created: created,
    CreatedBy: line,
    Tags: index === 0 ? store.tagsOf(record.id) : null,
    Size: 0,
    Comment: '',
  }));
}

function tag(store: ImageStore, { response, name, query }: Call): void {
  const record = need(store, name);
  const target = `${query.get('repo') ?? ''}:${query.get('tag') || 'latest'}`;
  if (!parseReference(target)) {
    const words = /[A-Z]/.test(query.get('repo') ?? '') ? ': repository name must be lowercase' : '';
    throw new EngineError(500, `invalid reference format${words}`);
  }
  store.tag(record.id, target);
  response.writeHead(201).end();
}

/**
 * The store is the registry of every host: what was pushed is there for the kubelet, and nothing leaves the machine.
 * Only a registry that the name expects on this machine must be there, but for the port that registries have by custom.
 */
async function push(store: ImageStore, { response, name, query }: Call): Promise<void> {
  const parsed = parseReference(name);
  if (!parsed) throw new EngineError(500, 'invalid reference format');
  const reference = { ...parsed, tag: query.get('tag') || parsed.tag };
  const send = openStream(response);
  send({ status: `The push refers to repository [${reference.repository}]` });
  const record = store.find(familiarName(reference));
  if (!record) {
    throw new EngineError(
      404,
      `An image does not exist locally with the tag: ${familiarRepository(reference.repository)}`,
    );
  }
  await requireLocalRegistry(reference.repository.split('/')[0] ?? '');
  const layers = diffIds(record).map((layer) => layer.slice(7, 19));
  for (const id of layers) send({ status: 'Preparing', progressDetail: {}, id });
  for (const id of layers) send({ status: 'Pushed', progressDetail: {}, id });
  const { digest, size } = store.recordPush(record.id, familiarName(reference));
  send({ status: `${reference.tag}: digest: ${digest} size: ${size}` });
  send({ progressDetail: {}, aux: { Tag: reference.tag, Digest: digest, Size: size } });
  response.end();
}

async function requireLocalRegistry(host: string): Promise<void> {
  const port = /^(?:localhost|127(?:\.\d+){3}):(\d+)$/.exec(host)?.[1];
  if (port === undefined || port === '5000') return;
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  try {
    await once(socket, 'connect');
  } catch {
    throw new EngineError(500, `Get "http://${host}/v2/": dial tcp 127.0.0.1:${port}: connect: connection refused`);
  } finally {
    socket.destroy();
  }
}

function distribution(store: ImageStore, { response, name }: Call): void {
  const record = store.find(name);
  const repository = parseReference(name)?.repository;
  const digest =
    record && store.digestsOf(record.id).find((entry) => entry.startsWith(`${familiarRepository(repository ?? '')}@`));
  if (!digest) throw new EngineError(404, 'manifest unknown: manifest unknown');
  sendJson(response, {
    Descriptor: {
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      digest: digest.split('@')[1],
      size: 0,
    },
    Platforms: [{ architecture: { x64: 'amd64' }[process.arch as 'x64'] ?? process.arch, os: 'linux' }],
  });
}

/** By name: only the name goes while the image has others. By id: refused if it has several names. */
function remove(store: ImageStore, { response, name, query }: Call): void {
  const record = need(store, name);
  const tags = store.tagsOf(record.id);
  const parsed = parseReference(name);
  const short = parsed && familiarName(parsed);
  const isName = short !== undefined && tags.includes(short);
  if (!isName && tags.length > 1 && !isSet(query.get('force'))) {
    const id = record.id.slice(7, 19);
    throw new EngineError(
      409,
      `conflict: unable to delete ${id} (must be forced) - image is referenced in multiple repositories`,
    );
  }
  if (isName && tags.length > 1) {
    store.untag(short);
    sendJson(response, [{ Untagged: short }]);
    return;
  }
  store.remove(record.id);
  sendJson(response, [...tags.map((entry) => ({ Untagged: entry })), { Deleted: record.id }]);
}

async function prune(store: ImageStore, { response }: Call): Promise<void> {
  const dangling = store.list().filter((record) => store.tagsOf(record.id).length === 0);
  for (const record of dangling) store.remove(record.id);
  await store.prune();
  sendJson(response, { ImagesDeleted: dangling.map(({ id }) => ({ Deleted: id })), SpaceReclaimed: 0 });
}
