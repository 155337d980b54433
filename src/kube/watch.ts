import type { IncomingMessage } from 'node:http';
import { abortReason, sleep } from '../core/abort.ts';
import { createBackoff } from '../core/backoff.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { ListQuery, WatchEvent } from './client.ts';
import { isForbidden } from './errors.ts';
import type { KubeObject } from './objects.ts';
import type { Rest } from './rest.ts';

export interface WatchSource {
  readonly rest: Rest;
  readonly query: ListQuery;
  /** Path of the collection; asks the cluster for it the first time. */
  path(): Promise<string>;
}

/**
 * The server ends each watch after this time and is asked to go on, which costs one request and no event. A watch that
 * lasts longer has lost its server, and nobody said so: HTTP has no ping.
 */
const roundSeconds = 20;
const graceSeconds = 8;
const shortRoundMs = 1_000;
/** Short pauses at most: whoever waits for a pod waits for this too. */
const firstPauseMs = 200;
const longestPauseMs = 3_000;
/** How often an account that may list but not watch asks. */
const pollMs = 1_000;

/** See `KubeClient.watch`. Lists, then watches from the version of the list on, as informers do. */
export async function* watchObjects(source: WatchSource, outer: AbortSignal): AsyncGenerator<WatchEvent, never> {
  // ends the open request when the reader leaves the loop
  const left = new AbortController();
  const signal = AbortSignal.any([outer, left.signal]);
  const known = new Map<string, KubeObject>();
  const backoff = createBackoff(firstPauseMs, longestPauseMs);
  let version: string | undefined;
  let isFirst = true;
  let isInterrupted = false;
  try {
    for (;;) {
      try {
        if (version === undefined) {
          const list = await listNow(source, signal);
          isFirst = false;
          for (const event of changesOf(known, list.items)) yield event;
          yield { type: 'listed' };
          version = list.version;
        }
        const startedAt = Date.now();
        for await (const { event, version: newVersion } of watchOnce(source, version, signal)) {
          backoff.reset();
          if (isInterrupted) {
            isInterrupted = false;
            yield { type: 'resumed' };
          }
          version = newVersion;
          if (!event) continue;
          remember(known, event);
          yield event;
        }
        // something between us and the server that ends every answer at once must not be asked without a pause
        if (Date.now() - startedAt < shortRoundMs) await sleep(backoff.next(), outer);
      } catch (error) {
        if (outer.aborted) throw abortReason(outer);
        if (isFirst) throw error;
        // roles made for older tools grant no watch; the lists that they grant tell the same
        if (version !== undefined && isForbidden(error)) {
          version = undefined;
          if (isInterrupted) yield { type: 'resumed' };
          isInterrupted = false;
          await sleep(pollMs, outer);
          continue;
        }
        // the version is too old or the server does not like it: only a new list helps
        if (error instanceof UserError && error.code !== 'KUBE_UNREACHABLE') version = undefined;
        isInterrupted = true;
        yield { type: 'interrupted', error: error instanceof Error ? error : new Error(errorText(error)) };
        await sleep(backoff.next(), outer);
      }
    }
  } finally {
    left.abort();
  }
}

interface Listing {
  readonly items: readonly KubeObject[];
  readonly version: string;
}

async function listNow({ rest, query, path }: WatchSource, signal: AbortSignal): Promise<Listing> {
  const attempt = `list ${query.kind}s in namespace ${query.namespace}`;
  const text = await rest.send({ method: 'GET', path: await path(), query: selectorsOf(query), attempt, signal });
  const list = JSON.parse(text) as { metadata?: { resourceVersion?: string }; items?: readonly KubeObject[] | null };
  // the items of a typed list carry neither field
  const items = (list.items ?? []).map((item) => ({ ...item, apiVersion: query.apiVersion, kind: query.kind }));
  return { items, version: list.metadata?.resourceVersion ?? '' };
}

interface Change {
  readonly version: string;
  /** Absent: only the version went on. */
  readonly event?: ObjectEvent;
}

type ObjectEvent = Extract<WatchEvent, { object: KubeObject }>;

/** One request; ends in good order when the server ends it. */
async function* watchOnce(source: WatchSource, version: string, signal: AbortSignal): AsyncGenerator<Change> {
  const { rest, query } = source;
  const response = await rest.stream({
    method: 'GET',
    path: await source.path(),
    query: [
      ...selectorsOf(query),
      ['watch', 'true'],
      ['allowWatchBookmarks', 'true'],
      ['resourceVersion', version],
      ['timeoutSeconds', String(roundSeconds)],
    ],
    attempt: `watch ${query.kind}s in namespace ${query.namespace}`,
    signal,
  });
  const overdue = setTimeout(
    () => response.destroy(new Error('the watch got no answer any more')),
    (roundSeconds + graceSeconds) * 1000,
  );
  try {
    // the server has taken the watch
    yield { version };
    for await (const line of linesOf(response)) yield toChange(line, query);
  } finally {
    clearTimeout(overdue);
    response.destroy();
  }
}

interface WireEvent {
  readonly type: string;
  readonly object: KubeObject & { readonly message?: string };
}

const eventTypes: Readonly<Record<string, ObjectEvent['type']>> = {
  ADDED: 'added',
  MODIFIED: 'modified',
  DELETED: 'deleted',
};

function toChange(line: string, { apiVersion, kind }: ListQuery): Change {
  const { type, object } = JSON.parse(line) as WireEvent;
  if (type === 'ERROR') throw new UserError('KUBE_REJECTED', `watch ${kind}s: ${object.message ?? 'no reason given'}`);
  const version = object.metadata.resourceVersion ?? '';
  const name = eventTypes[type];
  return name ? { version, event: { type: name, object: { ...object, apiVersion, kind } } } : { version };
}

/** Pure but for `known`, which is brought up to date: what has changed between two lists. */
function changesOf(known: Map<string, KubeObject>, items: readonly KubeObject[]): ObjectEvent[] {
  const present = new Set(items.map(identity));
  const gone = [...known.values()].filter((object) => !present.has(identity(object)));
  const events: ObjectEvent[] = gone.map((object) => ({ type: 'deleted', object }));
  for (const object of items) {
    const before = known.get(identity(object));
    if (before === undefined) events.push({ type: 'added', object });
    else if (before.metadata.resourceVersion !== object.metadata.resourceVersion) {
      events.push({ type: 'modified', object });
    }
  }
  for (const event of events) remember(known, event);
  return events;
}

function remember(known: Map<string, KubeObject>, { type, object }: ObjectEvent): void {
  if (type === 'deleted') known.delete(identity(object));
  else known.set(identity(object), object);
}

/** A new object with an old name is another one. */
const identity = ({ metadata }: KubeObject): string => metadata.uid ?? metadata.name;

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString();
      rest = [];
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
}

/** The selectors of a query as parameters of the request. */
export function selectorsOf({ labelSelector, fieldSelector }: ListQuery): [string, string][] {
  const query: [string, string][] = [];
  if (labelSelector !== undefined) query.push(['labelSelector', labelSelector]);
  if (fieldSelector !== undefined) query.push(['fieldSelector', fieldSelector]);
  return query;
}
