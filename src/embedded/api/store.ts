import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import type { KubeObject } from './objects.ts';
import { gone } from './status.ts';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: KubeObject;
  /** The state before, for selectors that stop to match. */
  readonly previous: KubeObject | undefined;
}

/** Objects of all kinds with one revision counter. Objects that go in or come out must not be changed. */
export interface Store {
  revision(): number;
  get(key: string, namespace: string, name: string): KubeObject | undefined;
  /** States of this kind from this revision on are known. */
  oldest(key: string): number;
  /** As they were at a known revision (default: now), in order of namespace and name; an undefined namespace means all. */
  list(key: string, namespace?: string, at?: number): KubeObject[];
  /** Writes the object with the next revision as its `resourceVersion` and returns what was written. */
  put(key: string, object: KubeObject): KubeObject;
  /** Removes the object; its last state carries the revision of the removal. */
  remove(key: string, object: KubeObject): KubeObject;
  /**
   * Tells events of one kind after `since`, first the past ones; returns what stops it. Throws 410 if the past is
   * no longer known.
   */
  watch(key: string, since: number, listener: (event: StoreEvent) => void): () => void;
  /** Tells every change of every kind from now on. */
  watchAll(listener: (event: StoreEvent) => void): () => void;
  close(): void;
}

const historyLength = 1000;
/** As if the cluster had lived for a while: a watch from revision 1 is too early, as it is elsewhere. */
const firstRevision = 100;

interface Shelf {
  readonly objects: Map<string, KubeObject>;
  readonly history: StoreEvent[];
  /** Events up to this revision are forgotten. */
  forgotten: number;
  readonly listeners: Set<(event: StoreEvent) => void>;
}

/**
 * A store in memory that writes each change to the file as one line of JSON, so that a restart (also after a crash)
 * finds the last state. Without a file it keeps nothing.
 */
export function createStore(file?: string): Store {
  const shelves = new Map<string, Shelf>();
  const everything = new Set<(event: StoreEvent) => void>();
  let revision = firstRevision;
  const shelf = (key: string): Shelf => {
    let found = shelves.get(key);
    if (!found) shelves.set(key, (found = { objects: new Map(), history: [], forgotten: 0, listeners: new Set() }));
    return found;
  };
  const journal = file === undefined ? undefined : openJournal(file, restore);

  function restore({ key, id, object, at }: Entry): void {
    revision = Math.max(revision, at);
    if (object) shelf(key).objects.set(id, object);
    else shelf(key).objects.delete(id);
  }

  const started = revision;
  const oldest = (key: string): number => Math.max(shelf(key).forgotten, started);
  const tell = (key: string, event: StoreEvent): void => {
    const { history, listeners } = shelf(key);
    history.push(event);
    if (history.length > historyLength) shelf(key).forgotten = history.shift()?.revision ?? 0;
    for (const listener of [...listeners, ...everything]) listener(event);
  };

  return {
    revision: () => revision,
    get: (key, namespace, name) => shelves.get(key)?.objects.get(`${namespace}/${name}`),
    oldest,
    list(key, namespace, at = revision) {
      const objects = [...(at < revision ? stateAt(shelf(key), at) : shelf(key).objects)];
      const wanted = namespace === undefined ? objects : objects.filter(([id]) => id.startsWith(`${namespace}/`));
      return wanted.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    },
    put(key, object) {
      revision += 1;
      const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
      const id = identity(written);
      const previous = shelf(key).objects.get(id);
      shelf(key).objects.set(id, written);
      journal?.write({ key, id, object: written, at: revision });
      tell(key, { type: previous ? 'MODIFIED' : 'ADDED', revision, object: written, previous });
      return written;
    },
    remove(key, object) {
      revision += 1;
      const id = identity(object);
      const previous = shelf(key).objects.get(id);
      shelf(key).objects.delete(id);
      journal?.write({ key, id, at: revision });
      const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
      tell(key, { type: 'DELETED', revision, object: last, previous });
      return last;
    },
    watch(key, since, listener) {
      const { history, listeners } = shelf(key);
      if (since < oldest(key)) throw gone(`too old resource version: ${since} (${oldest(key)})`);
      for (const event of history.filter((item) => item.revision > since)) listener(event);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    watchAll(listener) {
      everything.add(listener);
      return () => void everything.delete(listener);
    },
    close: () => journal?.close(),
  };
}

/** Takes back what happened since. */
function stateAt({ objects, history }: Shelf, at: number): Map<string, KubeObject> {
  const state = new Map(objects);
  for (const { object, previous } of history.filter(({ revision }) => revision > at).reverse()) {
    if (previous) state.set(identity(object), previous);
    else state.delete(identity(object));
  }
  return state;
}

function identity({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

interface Entry {
  readonly key: string;
  readonly id: string;
  readonly object?: KubeObject;
  readonly at: number;
}

/** Reads the journal, writes it anew without what is over, and opens it for more. */
function openJournal(file: string, restore: (entry: Entry) => void) {
  const last = new Map<string, Entry>();
  for (const entry of readEntries(file)) {
    restore(entry);
    last.delete(`${entry.key} ${entry.id}`);
    last.set(`${entry.key} ${entry.id}`, entry);
  }
  const newest = Math.max(0, ...[...last.values()].map(({ at }) => at));
  const kept = [...last.values()].filter((entry) => entry.object || entry.at === newest);
  writeFileSync(`${file}.new`, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  const descriptor = openSync(file, 'a', 0o600);
  let waiting: string[] = [];
  let timer: NodeJS.Immediate | undefined;
  const flush = (): void => {
    timer = undefined;
    if (waiting.length > 0) writeSync(descriptor, waiting.join(''));
    waiting = [];
  };
  return {
    write(entry: Entry): void {
      waiting.push(`${JSON.stringify(entry)}\n`);
      timer ??= setImmediate(flush);
    },
    close(): void {
      clearImmediate(timer);
      flush();
      closeSync(descriptor);
    },
  };
}

/** A crash may leave half a last line: it is not an entry. */
function readEntries(file: string): Entry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Entry];
      } catch {
        return [];
      }
    });
}
