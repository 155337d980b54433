import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { abortable, sleep, withDeadline } from '../../core/abort.ts';
import { type Deferred, defer } from '../../core/deferred.ts';
import { errorText, isCancelled } from '../../core/errors.ts';
import { asText, timestamp } from '../api/objects.ts';
import type { Container, ContainerState, ContainerStatus, LifecycleHandler } from '../api/pod-types.ts';
import { type ContainerProcess, type Mount, SandboxError } from '../sandbox/sandbox.ts';
import { openContainerLog } from './container-log.ts';
import { ConfigError, environmentOf, expand } from './environment.ts';
import type { PodContext } from './pod-context.ts';
import { failureMessage, runProbe } from './probe.ts';
import { pullImage } from './pull-image.ts';
import { mountsOf } from './volumes.ts';

/** One container of a pod over all its restarts. Its `status` is always current; `context.changed()` tells of changes. */
export interface ContainerRunner {
  readonly status: ContainerStatus;
  readonly process: ContainerProcess | undefined;
  /** Listens to the output of the running process; returns what ends it. */
  listen(listener: (stream: 'stdout' | 'stderr', data: Buffer) => Promise<void>): () => void;
  /** Runs until no restart follows; rejects only with the reason of the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends the process: preStop, SIGTERM, after the grace time SIGKILL. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

const firstCrashPauseMs = 10_000;
const longestPauseMs = 300_000;
const configRetryMs = 1000;
const healthyMs = 600_000;

export function createContainerRunner(
  context: PodContext,
  container: Container,
  options: { readonly restart: 'Always' | 'OnFailure' | 'Never'; readonly before: ContainerStatus | undefined },
): ContainerRunner {
  const { recorder } = context;
  const { before } = options;
  const status: ContainerStatus = before ?? {
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ready: false,
    started: false,
    restartCount: 0,
    state: { waiting: { reason: 'ContainerCreating' } },
    lastState: {},
  };
  let process: ContainerProcess | undefined;
  let ended: Deferred<void> | undefined;
  let startedOnce = before !== undefined;
  const listeners = new Set<(stream: 'stdout' | 'stderr', data: Buffer) => Promise<void>>();
  const fieldPath = `spec.containers{${container.name}}`;
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    recorder.record(context.pod(), { type, reason, message, fieldPath });
  const setState = (state: ContainerState): void => {
    status.state = state;
    context.changed();
  };
  const wait = (reason: string, message?: string) =>
    setState({ waiting: { reason, ...(message === undefined ? {} : { message }) } });

  async function run(signal: AbortSignal): Promise<void> {
    let pauseMs = 0;
    for (;;) {
      const startedAt = Date.now();
      const exitCode = await runOnce(signal);
      signal.throwIfAborted();
      const again = options.restart === 'Always' || (options.restart === 'OnFailure' && exitCode !== 0);
      if (!again) return;
      if (Date.now() - startedAt > healthyMs) pauseMs = 0;
      if (pauseMs > 0) {
        const name = `${context.pod().metadata.name}_${context.pod().metadata.namespace}(${context.pod().metadata.uid})`;
        const message = `back-off ${pauseMs / 1000}s restarting failed container=${container.name} pod=${name}`;
        status.lastState = status.state.terminated ? { terminated: status.state.terminated } : status.lastState;
        wait('CrashLoopBackOff', message);
        tell('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${name}`);
        await sleep(pauseMs, signal);
      }
      pauseMs = pauseMs === 0 ? firstCrashPauseMs : Math.min(longestPauseMs, pauseMs * 2);
    }
  }

  /** Starts the container as soon as image and configuration are there, and waits for its end. */
  async function runOnce(signal: AbortSignal): Promise<number> {
    const image = await pullImage({ images: context.images, container, tell, wait, signal });
    if (status.imageID === '')
      tell('Normal', 'Pulled', `Container image ${JSON.stringify(image.reference)} already present on machine`);
    Object.assign(status, { image: image.reference, imageID: image.imageID });
    const { env, mounts } = await resolveConfig(signal);
    if (startedOnce) {
      status.restartCount += 1;
      if (status.state.terminated) status.lastState = { terminated: status.state.terminated };
    }
    const number = status.restartCount;
    const log = openContainerLog(path.join(context.folder, 'logs', container.name, String(number)));
    context.keepLog(container.name, log);
    const containerID = `containerd://${context.pod().metadata.uid?.replaceAll('-', '') ?? ''}${container.name}${number}`;
    const startedAt = timestamp();
    const message = path.join(context.folder, 'termination', `${container.name}-${number}`);
    mkdirSync(path.dirname(message), { recursive: true });
    writeFileSync(message, '', { mode: 0o666 });
    const messageMount = {
      source: message,
      target: container.terminationMessagePath ?? '/dev/termination-log',
      readOnly: false,
    };
    const finish = (exitCode: number, reason: string, text: string): number => {
      process = undefined;
      log.end();
      Object.assign(status, { ready: false, started: false });
      startedOnce = true;
      const terminated = {
        exitCode,
        reason,
        ...(text === '' ? {} : { message: text }),
        startedAt,
        finishedAt: timestamp(),
        containerID,
      };
      setState({ terminated });
      return exitCode;
    };
    try {
      const expanded = (list: readonly string[] | undefined) => list?.map((text) => expand(text, env));
      process = await context.sandbox().startContainer({
        id: `${container.name}-${number}`,
        image,
        env: Object.fromEntries(env),
        command: expanded(container.command),
        args: expanded(container.args),
        mounts: [...mounts, messageMount],
        user: userOf(context, container),
        ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
        ...(container.tty ? { tty: { rows: 24, columns: 80 } } : {}),
        stdin: container.stdin ? 'open' : 'none',
        rootFilesystem: container.securityContext?.['readOnlyRootFilesystem'] === true ? 'read-only' : 'writable',
        signal,
      });
    } catch (error) {
      if (isCancelled(error) || signal.aborted) throw error;
      const code = error instanceof SandboxError ? error.code : 'SETUP';
      const text = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ${errorText(error)}: unknown`;
      tell('Warning', 'Failed', `Error: ${text}`);
      wait('RunContainerError', text);
      return finish(128, code === 'BAD_MOUNT' ? 'ContainerCannotRun' : 'StartError', text);
    }
    tell('Normal', 'Created', `Created container: ${container.name}`);
    tell('Normal', 'Started', `Started container ${container.name}`);
    Object.assign(status, { containerID, started: container.startupProbe === undefined });
    status.ready = container.readinessProbe === undefined && status.started === true;
    setState({ running: { startedAt } });
    const current = process;
    ended = defer();
    const probes = new AbortController();
    const probing = startProbes(current, AbortSignal.any([signal, probes.signal]));
    const pumps = [
      pump(current.stdout, 'stdout', log.append.bind(log)),
      pump(current.stderr, 'stderr', log.append.bind(log)),
    ];
    const started = runHook(container.lifecycle?.postStart, current);
    const { exitCode } = await current.exited;
    probes.abort();
    await Promise.all([probing, started]);
    await withDeadline(Promise.all(pumps), 1000, () => new Error('late')).catch(() => {});
    await current.remove();
    const text = terminationMessage(container, message, { exitCode, tail: () => log.tail(2048) });
    const result = finish(exitCode, exitCode === 0 ? 'Completed' : 'Error', text);
    ended.resolve();
    return result;
  }

  /** Waits until everything that the container refers to is there. */
  async function resolveConfig(signal: AbortSignal): Promise<{ env: Map<string, string>; mounts: Mount[] }> {
    for (;;) {
      try {
        const env = environmentOf(context.objects, context.pod(), container);
        return { env, mounts: await mountsOf(context.volumes, context.pod(), { container, env }) };
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        if (status.state.waiting?.message !== error.message) {
          tell('Warning', 'Failed', `Error: ${error.message}`);
          wait('CreateContainerConfigError', error.message);
        }
        await sleep(configRetryMs, signal);
      }
    }
  }

  /** The process feels whoever listens slowly: the next chunk is read when all have taken the last one. */
  async function pump(
    source: AsyncIterable<Buffer>,
    stream: 'stdout' | 'stderr',
    append: (stream: 'stdout' | 'stderr', data: Buffer) => void,
  ): Promise<void> {
    try {
      for await (const chunk of source) {
        append(stream, chunk);
        if (listeners.size > 0) await Promise.all([...listeners].map((listener) => listener(stream, chunk)));
      }
    } catch {
      // The pipe of a process that was killed may break instead of ending.
    }
  }

  async function startProbes(current: ContainerProcess, signal: AbortSignal): Promise<void> {
    const target = { sandbox: context.sandbox(), container, process: current };
    const unhealthy = (kind: string) => (message: string) =>
      tell('Warning', 'Unhealthy', failureMessage(kind, message));
    const kill = (kind: string) => {
      tell('Normal', 'Killing', `Container ${container.name} failed ${kind} probe, will be restarted`);
      end((context.pod().spec.terminationGracePeriodSeconds ?? 30) * 1000).catch(() => {});
    };
    const { startupProbe, livenessProbe, readinessProbe } = container;
    if (startupProbe) {
      const isUp = new AbortController();
      await runProbe(target, startupProbe, {
        signal: AbortSignal.any([signal, isUp.signal]),
        onResult: (state) => {
          isUp.abort();
          if (state === 'failure') kill('startup');
          else status.started = true;
        },
        onFailure: unhealthy('Startup'),
      });
      if (!status.started || signal.aborted) return;
      status.ready = readinessProbe === undefined;
      context.changed();
    }
    const live =
      livenessProbe &&
      runProbe(target, livenessProbe, {
        signal,
        onResult: (state) => (state === 'failure' ? kill('liveness') : undefined),
        onFailure: unhealthy('Liveness'),
      });
    const ready =
      readinessProbe &&
      runProbe(target, readinessProbe, {
        signal,
        onResult: (state) => {
          if (status.ready === (state === 'success')) return;
          status.ready = state === 'success';
          context.changed();
        },
        onFailure: unhealthy('Readiness'),
      });
    await Promise.all([live, ready]);
  }

  async function runHook(hook: LifecycleHandler | undefined, current: ContainerProcess): Promise<void> {
    const command = hook?.exec?.command;
    if (!command) return;
    try {
      const run = await current.exec({ command, signal: new AbortController().signal });
      for (const stream of [run.stdout, run.stderr]) stream.resume();
      const { exitCode } = await run.exited;
      if (exitCode !== 0) tell('Warning', 'FailedHook', `command ${JSON.stringify(command)} exited with ${exitCode}`);
    } catch (error) {
      tell('Warning', 'FailedHook', errorText(error));
    }
  }

  async function stop(graceMs: number): Promise<void> {
    if (process && graceMs > 0) tell('Normal', 'Killing', `Stopping container ${container.name}`);
    await end(graceMs);
  }

  async function end(graceMs: number): Promise<void> {
    const current = process;
    if (!current || !ended) return;
    const over = ended.promise;
    const late = () => new Error('late');
    if (graceMs > 0) {
      const begin = Date.now();
      await withDeadline(runHook(container.lifecycle?.preStop, current), graceMs, late).catch(() => {});
      current.kill(stopSignal(context, container));
      const left = graceMs - (Date.now() - begin);
      if (
        left > 0 &&
        (await withDeadline(over, left, late).then(
          () => true,
          () => false,
        ))
      )
        return;
    }
    current.kill('SIGKILL');
    await over;
  }

  return {
    status,
    get process() {
      return process;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    run: (signal) => abortable(run(signal), signal),
    stop,
  };
}

function stopSignal({ images }: PodContext, container: Container): NodeJS.Signals {
  const asked = images.resolveImage(container.image ?? '')?.config.StopSignal ?? '';
  return /^SIG[A-Z0-9]+$/.test(asked) ? (asked as NodeJS.Signals) : 'SIGTERM';
}

function userOf(context: PodContext, container: Container): string | undefined {
  const pod = context.pod().spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const user = own['runAsUser'] ?? pod['runAsUser'];
  const group = own['runAsGroup'] ?? pod['runAsGroup'];
  if (typeof user !== 'number') return undefined;
  return typeof group === 'number' ? `${user}:${group}` : String(user);
}

function terminationMessage(
  container: Container,
  file: string,
  { exitCode, tail }: { exitCode: number; tail: () => string },
): string {
  const written = asText(readFileSync(file, 'utf8')).slice(0, 4096);
  if (written !== '' || exitCode === 0 || container.terminationMessagePolicy !== 'FallbackToLogsOnError')
    return written;
  return tail();
}
