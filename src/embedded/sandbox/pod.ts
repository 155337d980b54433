import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { abortReason } from '../../core/abort.ts';
import { defer } from '../../core/deferred.ts';
import { readStatus } from './child-status.ts';
import { startContainer } from './container.ts';
import type { HostContext, PodContext } from './context.ts';
import { openRelay, type Relay } from './relay.ts';
import { removeFolder } from './remove-folder.ts';
import { type ContainerProcess, type PodOptions, type PodSandbox, SandboxError, type ServiceRoute } from './sandbox.ts';
import { toHolderScript } from './scripts.ts';
import { namespaceTools, toolEnv } from './tool.ts';

export async function createPod(host: HostContext, options: PodOptions): Promise<PodSandbox> {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(options.id)) throw new SandboxError('SETUP', `"${options.id}" is no id for a pod`);
  options.signal.throwIfAborted();
  const podFolder = path.join(host.folder, 'pods', options.id);
  const network = options.network ?? 'own';
  await mkdir(podFolder);
  await writePodFiles(podFolder, options);
  const holder = spawnHolder({ ...host, hostname: options.hostname, network });
  const gone = defer<void>();
  holder.once('close', () => gone.resolve());
  holder.once('error', () => gone.resolve());
  try {
    const { pid } = await readStatus(holder, 'pod');
    if (pid === undefined || options.signal.aborted) throw abortReason(options.signal);
    const context = { ...host, id: options.id, hostname: options.hostname, podFolder, holderPid: pid, network };
    return toPod(context, holder, gone.promise, options);
  } catch (error) {
    holder.kill('SIGKILL');
    await gone.promise;
    await removeFolder(podFolder);
    throw options.signal.aborted ? abortReason(options.signal) : error;
  }
}

function spawnHolder(options: HostContext & { hostname: string; network: 'own' | 'host' }): ChildProcess {
  const script = toHolderScript({ ...options, stateFolder: options.folder, machineBinds: options.base.binds });
  const spaces = ['-U', '--map-root-user', '-u', '-i', '-p', '-f', '-m', ...(options.network === 'own' ? ['-n'] : [])];
  // its standard input is our end of the pipe: when this process dies, the holder and so the whole pod end
  return spawn(namespaceTools.make, [...spaces, '--kill-child', '--', 'sh', '-c', script], {
    env: toolEnv,
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    detached: true,
  });
}

function toPod(context: PodContext, holder: ChildProcess, gone: Promise<void>, options: PodOptions): PodSandbox {
  const containers = new Map<string, ContainerProcess>();
  let relay: Promise<Relay> | undefined;
  let removing: Promise<void> | undefined;
  const useRelay = () => (relay ??= openRelay(context));

  const remove = async () => {
    holder.stdin?.destroy();
    holder.kill('SIGKILL');
    await gone;
    await Promise.all([...containers.values()].map((container) => container.exited));
    await relay?.then((open) => open.close()).catch(() => {});
    await removeFolder(context.podFolder);
  };
  return {
    id: context.id,
    gone,
    async startContainer(container) {
      if (removing || holder.exitCode !== null || holder.signalCode !== null) {
        throw new SandboxError('NOT_RUNNING', `the sandbox of pod ${context.hostname} has ended`);
      }
      const started = await startContainer(context, container);
      containers.set(started.id, started);
      return started;
    },
    async connect(port, signal) {
      if (removing) throw new SandboxError('NOT_RUNNING', `the sandbox of pod ${context.hostname} has ended`);
      return (await useRelay()).connect(port, signal);
    },
    async setServices(services) {
      await writeFile(path.join(context.podFolder, 'hosts'), hostsText(options, services));
      if (services.length === 0 && relay === undefined) return;
      const open = await useRelay();
      await open.setServices(services);
    },
    remove: () => (removing ??= remove()),
  };
}

async function writePodFiles(podFolder: string, options: PodOptions): Promise<void> {
  const resolver = options.network === 'host' ? await readFile('/etc/resolv.conf', 'utf8').catch(() => '') : '';
  await writeFile(path.join(podFolder, 'hosts'), hostsText(options, []));
  await writeFile(path.join(podFolder, 'hostname'), `${options.hostname}\n`);
  await writeFile(path.join(podFolder, 'resolv.conf'), resolver);
}

function hostsText(options: PodOptions, services: readonly ServiceRoute[]): string {
  const lines = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    `127.0.0.1\t${options.hostname}`,
    ...(options.hostAliases ?? []).map((alias) => `${alias.ip}\t${alias.hostnames.join(' ')}`),
    ...services.map((service) => `${service.ip}\t${service.hostnames.join(' ')}`),
  ];
  return `${lines.join('\n')}\n`;
}
