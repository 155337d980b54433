import { createHash } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
} from 'node:fs';
import path from 'node:path';
import type { BuildContainerOptions } from '../sandbox/container.ts';
import type { Instruction } from './dockerfile.ts';
import { EngineError } from './engine-error.ts';
import { runInLayer, withCache } from './run-step.ts';
import { absoluteIn, type BuildRun, hash, type Stage, stageVariables } from './stage.ts';
import { expand, splitWords, toJsonStrings, unquote } from './words.ts';

/**
 * Copies inside the sandbox, so that links in the image or in the context lead nowhere else. Arguments: `copy` or
 * `add`, the destination, then patterns below the current folder.
 */
const script = `set -e
how=$1 dest=$2; shift 2
count=$#
IFS=
for pattern; do
  found=
  for file in $pattern; do
    if [ -e "$file" ] || [ -h "$file" ]; then found=1; set -- "$@" "$file"; fi
  done
  [ -n "$found" ] || { echo "stat $pattern: file does not exist" >&2; exit 44; }
done
shift $count
for file; do
  if [ -d "$file" ]; then
    mkdir -p "$dest"
    cp -dR --preserve=mode,timestamps,links --remove-destination "$file/." "$dest/"
  elif [ "$how" = unpack ]; then
    mkdir -p "$dest"
    tar -xf "$file" -C "$dest"
  elif [ "\${dest%/}" != "$dest" ] || [ -d "$dest" ]; then
    mkdir -p "$dest"
    cp -dRH --preserve=mode,timestamps --remove-destination "$file" "\${dest%/}/"
  else
    mkdir -p "$(dirname "$dest")"
    cp -dRH --preserve=mode,timestamps --remove-destination "$file" "$dest"
  fi
done
`;

const mountPoint = '/dev/.from';

/** Carries out `COPY` and `ADD`. Owners mean nothing here: all files belong to the container's one user. */
export async function applyCopyStep(run: BuildRun, stage: Stage, instruction: Instruction): Promise<void> {
  const { keyword, flags } = instruction;
  for (const flag of Object.keys(flags)) {
    if (flag === 'chown' || (flag === 'from' && keyword === 'COPY')) continue;
    throw new EngineError(500, `the --${flag} option requires BuildKit, which is not part of the embedded engine`);
  }
  const expanded = expand(instruction.text, stageVariables(stage));
  const words = toJsonStrings(expanded) ?? splitWords(expanded).map(unquote);
  const target = words.at(-1) ?? '';
  const sources = words.slice(0, -1);
  if (sources.length > 1 && !target.endsWith('/')) {
    throw new EngineError(
      500,
      `When using ${keyword} with more than one source file, the destination must be a directory and end with a /`,
    );
  }
  const dest = absoluteIn(stage, target === '.' || target === './' ? './' : target);
  if (flags.from !== undefined) await copyFromRoot(run, stage, { from: flags.from, keyword, sources, dest });
  else await copyFromContext(run, stage, { keyword, sources, dest });
}

interface Sources {
  readonly keyword: string;
  readonly sources: readonly string[];
  readonly dest: string;
}

async function copyFromRoot(
  run: BuildRun,
  stage: Stage,
  { from, sources, dest }: Sources & { readonly from: string },
): Promise<void> {
  const image = run.findRoot(from);
  if (!image)
    throw new EngineError(
      500,
      `invalid from flag value ${from}: pull access denied for ${from}, repository does not exist`,
    );
  const patterns = sources.map((source) => path.posix.normalize(source).replace(/^\/+/, '') || '.');
  const key = hash(['COPY --from', stage.layers, image.layers, image.id, patterns, dest]);
  const container = { roots: [{ image, target: mountPoint }] };
  await withCache(run, stage, key, () => copy(run, stage, { how: 'copy', patterns, dest, container, keyword: 'COPY' }));
}

async function copyFromContext(run: BuildRun, stage: Stage, { keyword, sources, dest }: Sources): Promise<void> {
  const context = path.join(run.folder, 'context');
  if (sources.some((source) => /^https?:\/\//.test(source))) {
    throw new EngineError(
      500,
      `${keyword} of an address is not part of the embedded engine; use RUN with curl or wget`,
    );
  }
  const files = sources.flatMap((source) => matchContext(context, source, keyword));
  const digest = createHash('sha256');
  for (const file of files) hashTree(digest, context, file);
  const archive = keyword === 'ADD' && files.length === 1 && isArchive(path.join(context, files[0] ?? ''));
  const key = hash([keyword, stage.layers, dest, archive, digest.digest('hex')]);
  const container = { mounts: [{ source: context, target: mountPoint, readOnly: true }] };
  const patterns = files.map((file) => file.replace(/[\\*?[]/g, '\\$&'));
  await withCache(run, stage, key, () =>
    copy(run, stage, { how: archive ? 'unpack' : 'copy', patterns, dest, container, keyword }),
  );
}

interface Copy {
  readonly how: 'copy' | 'unpack';
  readonly keyword: string;
  readonly patterns: readonly string[];
  readonly dest: string;
  readonly container: Pick<BuildContainerOptions, 'mounts' | 'roots'>;
}

async function copy(run: BuildRun, stage: Stage, options: Copy): Promise<string> {
  let words = '';
  const { exitCode, layer } = await runInLayer(run, stage, {
    argv: ['/bin/sh', '-c', script, 'copy', options.how, options.dest, ...options.patterns],
    container: { ...options.container, user: '0', workingDir: mountPoint },
    onOutput: (text) => {
      words += text;
    },
  });
  if (exitCode === 0) return layer;
  throw new EngineError(500, `${options.keyword} failed: ${words.trim() || `exit code ${exitCode}`}`);
}

/** Paths in the context that a source names, or the engine's words about why there are none. */
function matchContext(context: string, source: string, keyword: string): string[] {
  const normal = path.posix.normalize(source).replace(/^\/+/, '').replace(/\/+$/, '') || '.';
  if (normal === '..' || normal.startsWith('../')) {
    throw new EngineError(500, `${keyword} failed: forbidden path outside the build context: ${source} ()`);
  }
  const hasPattern = /[*?[]/.test(normal);
  const found = hasPattern ? matchParts(context, '', normal.split('/')) : [normal];
  if (found.length === 0) throw new EngineError(500, `${keyword} failed: no source files were specified`);
  for (const file of found) {
    if (isInside(context, file)) continue;
    throw new EngineError(
      500,
      `${keyword} failed: file not found in build context or excluded by .dockerignore: stat ${normal}: file does not exist`,
    );
  }
  return found;
}

function isInside(context: string, file: string): boolean {
  const parent = path.dirname(path.join(context, file));
  if (lstatSync(path.join(context, file), { throwIfNoEntry: false }) === undefined) return false;
  return file === '.' || `${realpathSync(parent)}/`.startsWith(`${realpathSync(context)}/`);
}

function matchParts(context: string, folder: string, [part = '', ...rest]: readonly string[]): string[] {
  const pattern = toPattern(part);
  const names = readdirSync(path.join(context, folder), { withFileTypes: true })
    .filter((entry) => pattern.test(entry.name) && (rest.length === 0 || entry.isDirectory()))
    .map((entry) => path.posix.join(folder, entry.name))
    .sort();
  return rest.length === 0 ? names : names.flatMap((name) => matchParts(context, name, rest));
}

/** The pattern language of Go's `filepath.Match`: `*`, `?` and character classes within one name. */
function toPattern(part: string): RegExp {
  const source = part.replace(
    /\\(.)|(\*)|(\?)|(\[[^\]]+\])|([.+^${}()|\]])/g,
    (whole, escaped?: string, star?: string, one?: string, set?: string) => {
      if (star) return '.*';
      if (one) return '.';
      return set ?? `\\${escaped ?? whole}`;
    },
  );
  return new RegExp(`^${source}$`, 's');
}

/** Everything that ends up in the layer: names, kinds, permissions and contents. */
function hashTree(digest: ReturnType<typeof createHash>, context: string, file: string): void {
  const absolute = path.join(context, file);
  const stats = lstatSync(absolute);
  digest.update(`${file}\0${stats.mode}\0`);
  if (stats.isSymbolicLink()) digest.update(readlinkSync(absolute));
  else if (stats.isFile()) digest.update(createHash('sha256').update(readFileSync(absolute)).digest());
  else if (stats.isDirectory()) {
    for (const name of readdirSync(absolute).sort()) hashTree(digest, context, path.posix.join(file, name));
  }
}

/** A tar archive, plain or compressed by gzip, bzip2 or xz, as `ADD` unpacks it. */
function isArchive(file: string): boolean {
  if (!lstatSync(file).isFile()) return false;
  const head = Buffer.alloc(263);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  const starts = (bytes: readonly number[]) => bytes.every((byte, index) => head[index] === byte);
  return (
    starts([0x1f, 0x8b]) ||
    starts([0x42, 0x5a, 0x68]) ||
    starts([0xfd, 0x37, 0x7a]) ||
    head.toString('latin1', 257, 262) === 'ustar'
  );
}
