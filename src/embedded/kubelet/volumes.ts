import { chmod, mkdir, readlink, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Authenticator } from '../api/auth.ts';
import { asList, asObject, asText, at, type JsonObject } from '../api/objects.ts';
import type { Container, Pod, Volume } from '../api/pod-types.ts';
import type { Objects } from '../api/write.ts';
import type { Mount } from '../sandbox/sandbox.ts';
import { ConfigError, expand, fieldOf, readData, resourceOf } from './environment.ts';

export interface VolumeContext {
  readonly objects: Objects;
  readonly authenticator: Authenticator;
  /** Holds the volumes of this pod. */
  readonly folder: string;
  /** Holds the persistent volumes of all pods. */
  readonly persistentFolder: string;
}

/** Makes all volumes of the pod, or brings their content up to date. Throws `ConfigError` for what is missing. */
export async function prepareVolumes(context: VolumeContext, pod: Pod): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) {
    const folder = path.join(context.folder, volume.name);
    const files = filesOf(context, pod, volume);
    if (files) await publish(folder, files);
    else await mkdir(sourceOf(context, pod, volume), { recursive: true });
  }
}

interface VolumeFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

/** What a volume with given content holds; undefined for one that containers fill. */
function filesOf(context: VolumeContext, pod: Pod, volume: Volume): VolumeFile[] | undefined {
  for (const kind of ['configMap', 'secret', 'downwardAPI'] as const) {
    const source = volume[kind];
    if (source !== undefined)
      return sourceFiles(context, pod, { kind, source: asObject(source), mode: modeOf(source, 420) });
  }
  if (volume['projected'] === undefined) return undefined;
  const mode = modeOf(volume['projected'], 420);
  return asList(at(volume, 'projected', 'sources')).flatMap((item) =>
    Object.entries(asObject(item)).flatMap(([kind, source]) =>
      sourceFiles(context, pod, { kind, source: asObject(source), mode }),
    ),
  );
}

function modeOf(source: unknown, otherwise: number): number {
  const mode = asObject(source as JsonObject)['defaultMode'];
  return typeof mode === 'number' ? mode : otherwise;
}

interface Source {
  readonly kind: string;
  readonly source: JsonObject;
  readonly mode: number;
}

function sourceFiles(
  { objects, authenticator }: VolumeContext,
  pod: Pod,
  { kind, source, mode }: Source,
): VolumeFile[] {
  const itemMode = (item: JsonObject) => (typeof item['mode'] === 'number' ? item['mode'] : mode);
  const items = asList(source['items']).map(asObject);
  if (kind === 'downwardAPI') {
    return items.map((item) => ({
      path: asText(item['path']),
      content: Buffer.from(downward(pod, item)),
      mode: itemMode(item),
    }));
  }
  if (kind === 'serviceAccountToken') {
    const { namespace = '' } = pod.metadata;
    const name = pod.spec.serviceAccountName ?? 'default';
    const uid = objects.get(objects.resources.builtIn('serviceaccounts'), { namespace, name })?.metadata.uid ?? '';
    const token = authenticator.issueToken({ namespace, name, uid }, 365 * 86_400);
    return [{ path: asText(source['path']), content: Buffer.from(token), mode }];
  }
  const data = readData(objects, pod, { kind: kind === 'secret' ? 'secret' : 'configmap', reference: source });
  if (!data) return [];
  if (items.length === 0) return [...data].map(([name, content]) => ({ path: name, content, mode }));
  return items.map((item) => {
    const content = data.get(asText(item['key']));
    if (!content) throw new ConfigError(`references non-existent ${kind} key: ${asText(item['key'])}`);
    return { path: asText(item['path']), content, mode: itemMode(item) };
  });
}

function downward(pod: Pod, item: JsonObject): string {
  const field = asText(at(item, 'fieldRef', 'fieldPath'));
  if (field !== '') return fieldOf(pod, field);
  const reference = asObject(item['resourceFieldRef']);
  const container = pod.spec.containers.find(({ name }) => name === reference['containerName']);
  return container ? resourceOf(container, reference) : '';
}

/**
 * Puts the files into a folder of their own and lets `..data` point to it in one step, as the kubelet does: readers
 * see all of the old or all of the new content.
 */
async function publish(folder: string, files: readonly VolumeFile[]): Promise<void> {
  const name = `..${Date.now().toString(36)}${process.hrtime.bigint().toString(36)}`;
  await mkdir(path.join(folder, name), { recursive: true });
  for (const file of files) {
    const target = path.join(folder, name, path.join('/', file.path));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.content);
    await chmod(target, file.mode);
  }
  const old = await readlink(path.join(folder, '..data')).catch(() => undefined);
  await symlink(name, path.join(folder, `${name}.link`));
  await rename(path.join(folder, `${name}.link`), path.join(folder, '..data'));
  for (const top of new Set(files.map((file) => path.join('/', file.path).split('/')[1] ?? ''))) {
    await symlink(path.join('..data', top), path.join(folder, top)).catch(() => {});
  }
  if (old !== undefined) await rm(path.join(folder, old), { recursive: true, force: true });
}

/** The folder on this machine that stands for the volume. */
function sourceOf({ folder, persistentFolder, objects }: VolumeContext, pod: Pod, volume: Volume): string {
  const claim = asText(at(volume, 'persistentVolumeClaim', 'claimName'));
  if (claim !== '') {
    const { namespace = '' } = pod.metadata;
    const found = objects.get(objects.resources.builtIn('persistentvolumeclaims'), { namespace, name: claim });
    if (!found) throw new ConfigError(`persistentvolumeclaim ${JSON.stringify(claim)} not found`);
    return path.join(persistentFolder, found.metadata.uid ?? claim);
  }
  const known = ['emptyDir', 'configMap', 'secret', 'projected', 'downwardAPI'];
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
  if (!known.includes(kind)) throw new ConfigError(`volumes of type ${kind} do not exist in the embedded cluster`);
  return path.join(folder, volume.name);
}

/** The mounts of one container; folders that `subPath` names are made. */
export async function mountsOf(
  context: VolumeContext,
  pod: Pod,
  use: { container: Container; env: ReadonlyMap<string, string> },
): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const { name, mountPath, subPath, subPathExpr, readOnly } of use.container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((item) => item.name === name);
    if (!volume) continue;
    const root = sourceOf(context, pod, volume);
    const below = path.join('/', subPathExpr === undefined ? (subPath ?? '') : expand(subPathExpr, use.env));
    const isFixed = filesOf(context, pod, volume) !== undefined;
    const source = isFixed && below !== '/' ? path.join(root, '..data', below) : path.join(root, below);
    if (!isFixed && !(await isMadeBelow(root, below))) {
      const container = JSON.stringify(use.container.name);
      throw new ConfigError(
        `failed to prepare subPath for volumeMount ${JSON.stringify(name)} of container ${container}`,
      );
    }
    mounts.push({ source, target: mountPath, readOnly: readOnly === true || isFixed });
  }
  return mounts;
}

/** Makes the folder; false where a link that a container made leads out of the volume, which would be followed here. */
async function isMadeBelow(volume: string, below: string): Promise<boolean> {
  await mkdir(volume, { recursive: true });
  const root = await realpath(volume);
  let here = root;
  for (const part of below.split('/').filter((word) => word !== '')) {
    const next = path.join(here, part);
    await mkdir(next).catch(() => {});
    here = await realpath(next).catch(() => '');
    if (!here.startsWith(`${root}/`)) return false;
  }
  return true;
}
