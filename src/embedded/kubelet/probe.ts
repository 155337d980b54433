import { request } from 'node:http';
import { finished } from 'node:stream/promises';
import { sleep, withDeadline } from '../../core/abort.ts';
import { errorText, isCancelled } from '../../core/errors.ts';
import type { Container, Probe } from '../api/pod-types.ts';
import type { ContainerProcess, PodSandbox } from '../sandbox/sandbox.ts';

export interface ProbeTarget {
  readonly sandbox: PodSandbox;
  readonly container: Container;
  readonly process: ContainerProcess;
}

/** Why the probe failed, in the words of the kubelet; undefined if it succeeded. */
type ProbeResult = string | undefined;

/** Probes again and again and tells each change of mind; ends when the signal aborts. */
export async function runProbe(
  target: ProbeTarget,
  probe: Probe,
  options: {
    readonly signal: AbortSignal;
    readonly onResult: (state: 'success' | 'failure') => void;
    readonly onFailure: (message: string) => void;
  },
): Promise<void> {
  const { signal } = options;
  let successes = 0;
  let failures = 0;
  try {
    await sleep((probe.initialDelaySeconds ?? 0) * 1000, signal);
    for (;;) {
      const failure = await probeOnce(target, probe, signal);
      if (signal.aborted) return;
      if (failure === undefined) {
        failures = 0;
        successes += 1;
        if (successes >= (probe.successThreshold ?? 1)) options.onResult('success');
      } else {
        successes = 0;
        failures += 1;
        options.onFailure(failure);
        if (failures >= (probe.failureThreshold ?? 3)) options.onResult('failure');
      }
      await sleep((probe.periodSeconds ?? 10) * 1000, signal);
    }
  } catch (error) {
    if (!isCancelled(error)) throw error;
  }
}

async function probeOnce(target: ProbeTarget, probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
  const limit = new AbortController();
  const stop = AbortSignal.any([signal, limit.signal]);
  const ms = (probe.timeoutSeconds ?? 1) * 1000;
  const attempt = probe.exec
    ? probeExec(target, probe.exec.command ?? [], stop)
    : probe.httpGet
      ? probeHttp(target, probe, stop)
      : probeTcp(target, probe, stop);
  try {
    return await withDeadline(attempt, ms, () => new Error(`command timed out after ${probe.timeoutSeconds ?? 1}s`));
  } catch (error) {
    return errorText(error);
  } finally {
    limit.abort();
  }
}

async function probeExec(
  { process }: ProbeTarget,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ProbeResult> {
  const run = await process.exec({ command, signal });
  const output: Buffer[] = [];
  for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const kill = () => run.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const { exitCode } = await run.exited;
  signal.removeEventListener('abort', kill);
  await Promise.all([finished(run.stdout), finished(run.stderr)]).catch(() => {});
  return exitCode === 0 ? undefined : Buffer.concat(output).toString('utf8').slice(0, 1024);
}

/** A port may be given by its name. */
function portOf(container: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

async function probeTcp({ sandbox, container }: ProbeTarget, probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
  const connection = await sandbox.connect(portOf(container, probe.tcpSocket?.port ?? 0), signal);
  connection.on('error', () => {});
  connection.destroy();
  return undefined;
}

async function probeHttp(
  { sandbox, container }: ProbeTarget,
  { httpGet }: Probe,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const port = portOf(container, httpGet?.port ?? 80);
  const path = httpGet?.path ?? '/';
  const socket = await sandbox.connect(port, signal);
  const headers = Object.fromEntries((httpGet?.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  const status = await new Promise<number>((resolve, reject) => {
    const get = request({
      path,
      headers: {
        Host: `127.0.0.1:${port}`,
        'User-Agent': 'kube-probe/1.32',
        Accept: '*/*',
        Connection: 'close',
        ...headers,
      },
      createConnection: () => socket,
      signal,
    });
    get.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    get.on('error', reject);
    get.end();
  }).finally(() => socket.destroy());
  return status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`;
}

/** The name that the kubelet's message gives the probe. */
export function failureMessage(kind: string, message: string): string {
  return `${kind} probe failed: ${message}`;
}
