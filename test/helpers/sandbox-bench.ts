import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { ResolvedImage } from '../../src/embedded/images/image.ts';
import { machineImage } from '../../src/embedded/images/machine-image.ts';
import { openSandboxHost } from '../../src/embedded/sandbox/host.ts';
import { removeFolder } from '../../src/embedded/sandbox/remove-folder.ts';
import type { ContainerProcess, PodSandbox, ProcessStreams, SandboxHost } from '../../src/embedded/sandbox/sandbox.ts';

/** A sandbox host in a folder of its own; `close` leaves nothing. */
export interface SandboxBench {
  readonly folder: string;
  readonly host: SandboxHost;
  readonly signal: AbortSignal;
  readonly image: ResolvedImage;
  pod(hostname?: string): Promise<PodSandbox>;
  close(): Promise<void>;
}

export async function openSandboxBench(): Promise<SandboxBench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sandbox-'));
  const host = await openSandboxHost({ folder });
  const { signal } = new AbortController();
  let count = 0;
  return {
    folder,
    host,
    signal,
    image: machineImage('node:20'),
    pod: (hostname = 'web-0') => host.createPod({ id: `pod-${count++}`, hostname, signal }),
    async close() {
      await host.close();
      await removeFolder(folder);
    },
  };
}

export async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export async function finish(streams: ProcessStreams): Promise<Finished> {
  const [stdout, stderr, exit] = await Promise.all([textOf(streams.stdout), textOf(streams.stderr), streams.exited]);
  return { stdout, stderr, exitCode: exit.exitCode };
}

let containers = 0;

/** Runs a shell script as a container to its end. */
export async function runScript(bench: SandboxBench, pod: PodSandbox, script: string, options = {}): Promise<Finished> {
  const command = ['sh', '-c', script];
  const { signal, image } = bench;
  const container = await pod.startContainer({ id: `c-${containers++}`, image, command, signal, ...options });
  return finish(container);
}

/** A container that waits until it is removed. */
export async function startIdle(bench: SandboxBench, pod: PodSandbox, options = {}): Promise<ContainerProcess> {
  const { signal, image } = bench;
  const command = ['sleep', '1000'];
  const container = await pod.startContainer({ id: `c-${containers++}`, image, command, signal, ...options });
  container.stdout.resume();
  container.stderr.resume();
  return container;
}

/** Waits for a condition; the test's own time limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
