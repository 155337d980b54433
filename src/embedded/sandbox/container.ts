import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { abortReason } from '../../core/abort.ts';
import type { ResolvedImage } from '../images/image.ts';
import type { PodContext } from './context.ts';
import { execInContainer, resizeTerminal, whenReady } from './exec.ts';
import { openPipes, type Pipes } from './pipes.ts';
import { toArgv, toEnv } from './process-defaults.ts';
import { toStreams } from './process-streams.ts';
import { removeFolder } from './remove-folder.ts';
import { type RootLayers, resolveInRoot, toRootLayers } from './root-path.ts';
import { type ContainerOptions, type ContainerProcess, type Mount, SandboxError } from './sandbox.ts';
import { type ContainerScript, type ProcessScript, toContainerScript, toProcessScript } from './scripts.ts';
import { namespaceTools, toolEnv } from './tool.ts';
import { type ContainerUser, findUser } from './user.ts';

/** What only the image builder asks for. */
export interface BuildContainerOptions extends ContainerOptions {
  /** Where the container writes: a folder inside the state folder, which the caller owns. */
  readonly writable?: string;
  /** Root file systems of other images, shown read-only below `/dev`. */
  readonly roots?: readonly { readonly image: ResolvedImage; readonly target: string }[];
}

/** Contract in `sandbox.ts`. */
export async function startContainer(pod: PodContext, options: BuildContainerOptions): Promise<ContainerProcess> {
  options.signal.throwIfAborted();
  const root = toRootLayers(pod.folder, options.image);
  const user = findUser(root, options.user ?? options.image.config.User ?? '');
  const process = {
    argv: toArgv(options),
    env: toEnv(options, { home: user.home, hostname: pod.hostname }),
    workingDir: options.workingDir || options.image.config.WorkingDir || '/',
    uid: user.uid,
    gid: user.gid,
  };
  const mounts = await Promise.all(
    [...podFiles(pod), ...(options.mounts ?? [])].map((mount) => checkMount(pod, root, mount)),
  );
  const folder = path.join(pod.podFolder, options.id);
  await mkdir(folder);
  try {
    await writeScripts({ pod, options, folder, mounts, process });
    return await run(pod, { options, folder, process, user });
  } catch (error) {
    await removeFolder(folder);
    throw options.signal.aborted ? abortReason(options.signal) : error;
  }
}

interface Preparation {
  readonly pod: PodContext;
  readonly options: BuildContainerOptions;
  readonly folder: string;
  readonly mounts: ContainerScript['mounts'];
  readonly process: Omit<ProcessScript, 'enters' | 'tty'>;
}

async function writeScripts({ pod, options, folder, mounts, process: program }: Preparation): Promise<void> {
  const relative = (file: string) => path.relative(pod.folder, file);
  const withUsr = (image: ResolvedImage) => image.layers.filter((layer) => existsSync(path.join(layer, 'usr')));
  const processScript = path.join(folder, 'process.sh');
  const start = toContainerScript({
    base: pod.base.root,
    usr: pod.base.usr,
    layers: options.image.layers.map(relative),
    usrLayers: withUsr(options.image).map(relative),
    writable: relative(options.writable ?? path.join(folder, 'writable')),
    rootFilesystem: options.rootFilesystem ?? 'writable',
    processScript: relative(processScript),
    machineBinds: pod.base.binds,
    mounts,
    roots: (options.roots ?? []).map(({ image, target }) => ({
      target,
      layers: image.layers.map(relative),
      usrLayers: withUsr(image).map(relative),
    })),
    outerUser: process.getuid?.() === 0 ? 'root' : 'ordinary',
  });
  await writeFile(path.join(folder, 'start.sh'), start, { mode: 0o600 });
  const script = toProcessScript({ ...program, tty: options.tty, enters: 'new-user' });
  await writeFile(processScript, script, { mode: 0o600 });
}

interface Run {
  readonly options: BuildContainerOptions;
  readonly folder: string;
  readonly process: Omit<ProcessScript, 'enters' | 'tty'>;
  readonly user: ContainerUser;
}

async function run(pod: PodContext, { options, folder, process: program }: Run): Promise<ContainerProcess> {
  const { tty, signal } = options;
  const pipes = await openPipes({ folder, stdin: options.stdin ?? 'none', output: tty ? 'joined' : 'apart' });
  const child = spawnContainer(pod, folder, pipes);
  const status = await whenReady({ child, signal, program: program.argv[0] ?? '' }).catch((error: unknown) => {
    pipes.destroy();
    throw error;
  });
  const { pid } = status;
  if (pid === undefined) throw new SandboxError('SETUP', 'the container did not tell its process');
  const spaces = { holderPid: pod.holderPid, pid, network: pod.network };
  const streams = toStreams({
    child,
    pipes,
    pid: () => pid,
    resize: (size) => resizeTerminal(spaces, status.tty, size),
  });
  let removing: Promise<void> | undefined;
  return {
    ...streams,
    id: options.id,
    pid,
    exec(exec) {
      if (child.exitCode === null && child.signalCode === null) {
        return execInContainer({ ...spaces, folder, process: program }, exec);
      }
      return Promise.reject(new SandboxError('NOT_RUNNING', `container ${options.id} has ended`));
    },
    remove() {
      const remove = async () => {
        streams.kill('SIGKILL');
        await streams.exited;
        await removeFolder(folder);
      };
      return (removing ??= remove());
    },
  };
}

/**
 * The first child of this shell is process 1 of the container. The shell tells its end as an exit code, which
 * `unshare --fork` of util-linux 2.38 cannot do after a signal; its own remark about it is no output of the container.
 */
const waitForFirst = 'exec 8>&2 2>/dev/null; (exec sh "$1" 2>&8 8>&-); exit $?';

function spawnContainer(pod: PodContext, folder: string, pipes: Pipes): ChildProcess {
  const spaces = ['-U', '-m', '-u', '-i', '-p', ...(pod.network === 'own' ? ['-n'] : [])];
  const start = path.join('/state', path.relative(pod.folder, folder), 'start.sh');
  const inPod = ['-t', String(pod.holderPid), ...spaces, '--preserve-credentials', '--'];
  try {
    return spawn(namespaceTools.join, [...inPod, 'unshare', '-m', '-p', '--', 'sh', '-c', waitForFirst, 'sh', start], {
      env: toolEnv,
      stdio: [...pipes.childEnds, 'pipe'],
      detached: true,
    });
  } finally {
    pipes.closeChildEnds();
  }
}

function podFiles(pod: PodContext): Mount[] {
  return ['hosts', 'hostname', 'resolv.conf'].map((name) => {
    return { source: path.join(pod.podFolder, name), target: `/etc/${name}`, readOnly: false };
  });
}

type CheckedMount = ContainerScript['mounts'][number];

/** Sources may not leave the state folder, also not by a symbolic link. */
async function checkMount(pod: PodContext, root: RootLayers, mount: Mount): Promise<CheckedMount> {
  const source = await realpath(mount.source).catch((error: unknown) => {
    throw new SandboxError('BAD_MOUNT', `mount source ${mount.source} does not exist`, { cause: error });
  });
  if (!source.startsWith(`${pod.folder}/`)) {
    throw new SandboxError('BAD_MOUNT', `mount source ${mount.source} lies outside the folder of the sandbox`);
  }
  const target = resolveInRoot(root, mount.target);
  if (!mount.target.startsWith('/') || target === '/') {
    throw new SandboxError('BAD_MOUNT', `mount target "${mount.target}" is not a path below the root of the container`);
  }
  const kind = statSync(source).isDirectory() ? 'folder' : 'file';
  return { ...mount, source: path.relative(pod.folder, source), target, kind };
}
