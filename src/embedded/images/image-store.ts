import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { removeFolder } from '../sandbox/remove-folder.ts';
import type { ImageConfig, ResolvedImage } from './image.ts';
import { machineImage } from './machine-image.ts';
import { familiarRepository, isWellKnownBase, parseReference } from './reference.ts';

/** The images under the state folder. Opened by `openImageStore(folder)`; shared by the engine and the kubelet. */
export interface ImageStore {
  /**
   * The image that a container named in a pod runs. Built and pushed images are found under their full name and under
   * their id; a plain well-known base (`node:20`, `busybox`) stands for this machine's own programs. `undefined` for
   * everything else: nobody built or pushed it, so a real cluster could not pull it either.
   */
  resolveImage(reference: string): ResolvedImage | undefined;
  /** A stored image by name, id or the beginning of the id. */
  find(reference: string): ImageRecord | undefined;
  list(): readonly ImageRecord[];
  /** Names (`repository:tag`, familiar form) of an image. */
  tagsOf(id: string): readonly string[];
  digestsOf(id: string): readonly string[];
  /** As `ResolvedImage`, for a record. */
  resolveRecord(record: ImageRecord, reference: string): ResolvedImage;
  add(image: Omit<ImageRecord, 'id' | 'created'>): ImageRecord;
  /** `name` must be a valid reference. A name that another image had moves to this one. */
  tag(id: string, name: string): void;
  untag(name: string): void;
  /** Remembers that the image was pushed under this name; returns its digest there. */
  recordPush(id: string, name: string): { readonly digest: string; readonly size: number };
  /** Forgets an image with all its names. Its layers go with the next `prune`. */
  remove(id: string): void;
  /** Removes layers that no image needs, also from the build cache; does nothing while a build runs. */
  prune(): Promise<void>;
  /** Announces a build, whose layers nothing names yet; the returned function ends it. */
  beginBuild(): () => void;
  /** The layer that a build step made before, if it is still there. */
  cachedLayer(key: string): string | undefined;
  cacheLayer(key: string, layer: string): void;
  /** Absolute folder of a layer. */
  layerFolder(layer: string): string;
}

/** What is stored about an image. */
export interface ImageRecord {
  readonly id: string;
  /** ISO 8601. */
  readonly created: string;
  /** Names of layers, lowest first. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
  /** The instructions that made it, oldest first. */
  readonly history: readonly string[];
}

interface StoreState {
  images: Record<string, ImageRecord>;
  /** Long name with tag → id. */
  tags: Record<string, string>;
  /** `repository@digest`, long form → id. */
  digests: Record<string, string>;
  /** Key of a build step → layer. */
  cache: Record<string, string>;
}

/** Reads what an earlier process left; every change is written at once, by renaming a complete file. */
export async function openImageStore(folder: string): Promise<ImageStore> {
  const layersFolder = path.join(folder, 'layers');
  await mkdir(layersFolder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'images.json');
  const state = readState(file);
  let builds = 0;
  const save = () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  };
  const layerFolder = (layer: string) => path.join(layersFolder, layer);
  const keysOf = (names: Record<string, string>, id: string) => Object.keys(names).filter((name) => names[name] === id);
  const long = (name: string) => {
    const reference = parseReference(name);
    return reference && `${reference.repository}:${reference.tag}`;
  };
  const digestsOf = (id: string) => keysOf(state.digests, id).map(familiarRepository);

  const find = (reference: string): ImageRecord | undefined => {
    const parsed = parseReference(reference);
    const byName = parsed?.digest
      ? state.digests[`${parsed.repository}@${parsed.digest}`]
      : state.tags[long(reference) ?? ''];
    if (byName !== undefined) return state.images[byName];
    const hex = reference.replace(/^sha256:/, '');
    if (!/^[0-9a-f]{4,64}$/.test(hex)) return undefined;
    const ids = Object.keys(state.images).filter((id) => id.startsWith(`sha256:${hex}`));
    return ids.length === 1 ? state.images[ids[0] ?? ''] : undefined;
  };
  const resolveRecord = (record: ImageRecord, reference: string): ResolvedImage => ({
    id: record.id,
    reference,
    imageID: digestsOf(record.id)[0] ?? record.id,
    layers: record.layers.map(layerFolder),
    config: record.config,
    standsForMachine: false,
  });
  return {
    find,
    resolveRecord,
    digestsOf,
    layerFolder,
    resolveImage(reference) {
      const record = find(reference);
      if (record) return resolveRecord(record, reference);
      const parsed = parseReference(reference);
      return parsed && isWellKnownBase(parsed) ? machineImage(reference) : undefined;
    },
    list: () => Object.values(state.images),
    tagsOf: (id) => keysOf(state.tags, id).map(familiarRepository),
    add(image) {
      const id = `sha256:${sha256(JSON.stringify([image.layers, image.config, image.history]))}`;
      const record = state.images[id] ?? { ...image, id, created: new Date().toISOString() };
      state.images[id] = record;
      save();
      return record;
    },
    tag(id, name) {
      const key = long(name);
      if (key === undefined) throw new TypeError(`${name} is no image name`);
      state.tags[key] = id;
      save();
    },
    untag(name) {
      delete state.tags[long(name) ?? ''];
      save();
    },
    recordPush(id, name) {
      const manifest = JSON.stringify({ schemaVersion: 2, config: id, layers: state.images[id]?.layers });
      const digest = `sha256:${sha256(manifest)}`;
      const repository = parseReference(name)?.repository ?? name;
      state.digests[`${repository}@${digest}`] = id;
      save();
      return { digest, size: manifest.length };
    },
    remove(id) {
      for (const names of [state.tags, state.digests]) for (const name of keysOf(names, id)) delete names[name];
      delete state.images[id];
      save();
    },
    async prune() {
      if (builds > 0) return;
      const inImages = new Set(Object.values(state.images).flatMap(({ layers }) => layers));
      state.cache = Object.fromEntries(Object.entries(state.cache).filter(([, layer]) => inImages.has(layer)));
      save();
      for (const layer of await readdir(layersFolder)) if (!inImages.has(layer)) await removeFolder(layerFolder(layer));
    },
    beginBuild() {
      builds += 1;
      return () => {
        builds -= 1;
      };
    },
    cachedLayer(key) {
      const layer = state.cache[key];
      return layer !== undefined && existsSync(layerFolder(layer)) ? layer : undefined;
    },
    cacheLayer(key, layer) {
      state.cache[key] = layer;
      save();
    },
  };
}

function readState(file: string): StoreState {
  const empty = { images: {}, tags: {}, digests: {}, cache: {} };
  if (!existsSync(file)) return empty;
  return { ...empty, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<StoreState>) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
