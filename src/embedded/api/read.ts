import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Answer, type Call, present, presentList } from './call.ts';
import type { JsonObject, KubeObject } from './objects.ts';
import { cutPage, numberOf, tooOld, toPage } from './pages.ts';
import { isTrue } from './request-info.ts';
import { groupVersion, storageKey } from './resources.ts';
import { fieldSelector, labelSelector, type Matcher } from './selectors.ts';
import { badRequest, notFound, StatusError } from './status.ts';
import type { StoreEvent } from './store.ts';
import { asVersion, type Objects } from './write.ts';

export function getObject(objects: Objects, call: Call): Answer {
  const found = objects.get(call.resource, call.path);
  if (!found) throw notFound(call.resource, call.path.name);
  return { code: 200, body: present(call, found) };
}

/** The selectors of the query as one test; a name in the path counts as a selector too. */
export function matcherOf({ query, path, resource }: Call): Matcher {
  const labels = labelSelector(query.get('labelSelector') ?? '');
  const fields = fieldSelector(query.get('fieldSelector') ?? '', resource.kind);
  return (object) => (path.name === '' || object.metadata.name === path.name) && labels(object) && fields(object);
}

export function namespaceOf({ path, resource }: Call): string | undefined {
  return resource.namespaced && path.namespace !== '' ? path.namespace : undefined;
}

export function listObjects(objects: Objects, call: Call): Answer {
  const key = storageKey(call.resource);
  const { store } = objects;
  numberOf(call.query, 'timeoutSeconds');
  const page = toPage(call.query, revisionOfQuery(call.query));
  checkReached(objects, page.revision ?? revisionOfQuery(call.query));
  const revision = page.revision ?? store.revision();
  if (revision < store.oldest(key)) throw tooOld(page);
  const namespace = namespaceOf(call);
  const found = objects.list(call.resource, namespace, revision).filter(matcherOf(call));
  const position = ({ metadata }: KubeObject) =>
    namespace === undefined && metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
  const { items, remaining, token } = cutPage(found, page, { revision, position });
  const isSelected = ['labelSelector', 'fieldSelector'].some((name) => call.query.get(name));
  const metadata: JsonObject = {
    resourceVersion: String(revision),
    ...(token === undefined ? {} : { continue: token, ...(isSelected ? {} : { remainingItemCount: remaining }) }),
  };
  return { code: 200, body: presentList(call, items, metadata) };
}

/** Throws 504 for a state that this server has not reached yet. */
function checkReached({ store }: Objects, revision: number): void {
  if (revision <= store.revision()) return;
  const message = `Too large resource version: ${revision}, current: ${store.revision()}`;
  throw new StatusError(504, 'Timeout', `Timeout: ${message}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  });
}

/** The revision of the query; 0 if it asks for none. Throws 400 for what is no number. */
function revisionOfQuery(query: URLSearchParams): number {
  const text = query.get('resourceVersion') || '0';
  if (!/^\d+$/.test(text)) {
    const value = JSON.stringify(text);
    throw badRequest(`resourceVersion: Invalid value: ${value}: strconv.ParseUint: parsing ${value}: invalid syntax`);
  }
  return Number(text);
}

/** A slow reader is cut off when this much waits for it; it lists and watches again then. */
const mostWaitingBytes = 16 * 1024 * 1024;
const bookmarkMs = 30_000;

export function watchObjects(objects: Objects, call: Call): Answer {
  const matches = matcherOf(call);
  numberOf(call.query, 'timeoutSeconds');
  const since = revisionOfQuery(call.query);
  return { stream: (response) => streamEvents(objects, { call, matches, since, response }) };
}

interface WatchStream {
  readonly call: Call;
  readonly matches: Matcher;
  /** The revision after which events are wanted; 0 asks for what is there, too. */
  readonly since: number;
  readonly response: ServerResponse;
}

async function streamEvents({ store }: Objects, { call, matches, since: asked, response }: WatchStream): Promise<void> {
  const { query, resource, signal } = call;
  const namespace = namespaceOf(call);
  const key = storageKey(resource);
  const isHere = (object: KubeObject | undefined): object is KubeObject =>
    object !== undefined && (namespace === undefined || object.metadata.namespace === namespace) && matches(object);

  response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
  response.flushHeaders();
  const ended = new AbortController();
  const send = (type: string, object: JsonObject): void => {
    response.write(`${JSON.stringify({ type, object })}\n`);
    if (response.writableLength > mostWaitingBytes) ended.abort();
  };
  const show = (type: string, object: KubeObject): void => send(type, present(call, asVersion(object, resource)));
  const bookmark = (annotations?: JsonObject): void =>
    send('BOOKMARK', {
      kind: resource.kind,
      apiVersion: groupVersion(resource),
      metadata: {
        resourceVersion: String(store.revision()),
        creationTimestamp: null,
        ...(annotations ? { annotations } : {}),
      },
    });
  const onEvent = ({ type, object, previous }: StoreEvent): void => {
    const was = isHere(previous);
    if (type === 'DELETED') {
      if (was || isHere(object)) show(type, object);
    } else if (isHere(object)) show(was ? 'MODIFIED' : 'ADDED', object);
    else if (was) show('DELETED', { ...previous, metadata: { ...previous.metadata, ...revisionOf(object) } });
  };

  let stop = (): void => {};
  let since = asked;
  const sendsInitial =
    isTrue(query.get('sendInitialEvents')) || (since === 0 && query.get('sendInitialEvents') === null);
  if (sendsInitial) {
    since = store.revision();
    for (const object of store.list(key, namespace)) if (isHere(object)) show('ADDED', object);
    if (query.has('sendInitialEvents')) bookmark({ 'k8s.io/initial-events-end': 'true' });
  }
  try {
    stop = store.watch(key, since, onEvent);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    send('ERROR', error.toStatus());
    response.end();
    return;
  }
  const seconds = numberOf(query, 'timeoutSeconds') ?? 0;
  const timers = [
    ...(isTrue(query.get('allowWatchBookmarks')) ? [setInterval(bookmark, bookmarkMs)] : []),
    ...(seconds > 0 ? [setTimeout(() => ended.abort(), seconds * 1000)] : []),
  ];
  const stopped = AbortSignal.any([signal, ended.signal]);
  if (!stopped.aborted) await once(stopped, 'abort');
  stop();
  for (const timer of timers) clearTimeout(timer);
  response.end();
}

function revisionOf({ metadata }: KubeObject): { resourceVersion?: string } {
  return metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion };
}
