import type { PortMapping } from '../config/types.ts';
import { abortable, sleep } from '../core/abort.ts';
import { createBackoff } from '../core/backoff.ts';
import { defer } from '../core/deferred.ts';
import { errorText, systemErrorCode, UserError } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';
import type { ContainerRef } from '../kube/objects.ts';
import type { Target } from '../kube/target.ts';
import type { ForwardRun, ForwardTask } from './forward-ports.ts';
import type { Frame } from './frames.ts';
import { type Listener, openListener } from './open-listener.ts';
import { openReverseConnection, type ReverseConnection } from './reverse-connection.ts';
import { type Tell, tellOnce } from './tell-once.ts';

/** What a new try in the same container cannot heal. */
const hopelessCodes = ['REVERSE_TOOLS', 'KUBE_FORBIDDEN', 'KUBE_UNAUTHORIZED'];
const [firstPauseMs, longestPauseMs] = [500, 15_000];

/**
 * Makes ports of this machine reachable in the containers, until closed: a program there listens on `remotePort` at
 * `bindAddress`, and each connection is carried to `port` here. A lost listener is started again with growing pauses, in
 * the container that is the target then. `ready` at once: nothing waits for it, and what is wrong is told, once, and
 * ends nothing else.
 */
export function startReverseForwarding(tasks: readonly ForwardTask[], run: ForwardRun): Handle {
  const controller = new AbortController();
  const signal = AbortSignal.any([run.signal, controller.signal]);
  const ended = defer<void>();
  const all = tasks.map((task) => keepListening(task, { ...run, signal }));
  return {
    ready: Promise.resolve(),
    done: ended.promise,
    async close() {
      controller.abort();
      await Promise.allSettled(all);
      ended.resolve();
    },
  };
}

/** Rejects when the signal aborts. */
async function keepListening({ target, mappings }: ForwardTask, run: ForwardRun): Promise<never> {
  const { signal, log } = run;
  const backoff = createBackoff(firstPauseMs, longestPauseMs);
  const tell = tellOnce(log.warn);
  for (;;) {
    let container: ContainerRef | undefined;
    try {
      container = await target.current(signal);
      await listenIn(container, { target, mappings, run, tell, onListening: () => backoff.reset() });
    } catch (error) {
      if (signal.aborted) throw error;
      if (container) target.lost(container);
      const isHopeless = error instanceof UserError && hopelessCodes.includes(error.code);
      const ports = mappings.map(({ remotePort }) => remotePort).join(', ');
      const next = isHopeless && error instanceof UserError ? error.hint : 'Trying again.';
      tell(`the listener of ${ports}`, `${errorText(error)} Container port ${ports} reaches nothing here. ${next}`);
      if (isHopeless && container) await otherContainer(target, container, signal);
      else await sleep(backoff.next(), signal);
    }
  }
}

/** Resolves when the target is another container; without a target that tells, never. */
function otherContainer(target: Target, { pod, container }: ContainerRef, signal: AbortSignal): Promise<void> {
  const changed = defer<void>();
  const end = target.subscribe?.((state) => {
    // a cluster that does not answer for a while says nothing about the container
    if (state.kind === 'unreachable') return;
    if (state.kind === 'linked' && state.container.pod === pod && state.container.container === container) return;
    changed.resolve();
  });
  return abortable(changed.promise, signal).finally(end);
}

interface Listening {
  readonly target: Target;
  readonly mappings: readonly PortMapping[];
  readonly run: ForwardRun;
  readonly tell: Tell;
  onListening(): void;
}

/** Runs one listener until it ends, then rejects with the reason. */
async function listenIn(container: ContainerRef, { target, mappings, run, tell, onListening }: Listening) {
  const connections = new Map<number, ReverseConnection>();
  const left = new AbortController();
  const signal = AbortSignal.any([run.signal, left.signal]);
  const backoffs = mappings.map(() => createBackoff(firstPauseMs, longestPauseMs));
  let listener: Listener | undefined;
  const ask = (index: number) => {
    const mapping = mappings[index];
    if (mapping) listener?.send('L', index, Buffer.from(`${mapping.bindAddress} ${mapping.remotePort}`));
  };
  const open = (id: number, mapping: PortMapping) => {
    const about = `local port ${mapping.port}`;
    const connection = openReverseConnection({
      port: mapping.port,
      send: (kind, data) => listener?.send(kind, id, data) ?? 'sent',
      onConnected: () => tell(about, undefined),
      onClosed(error) {
        connections.delete(id);
        if (systemErrorCode(error) === 'ECONNREFUSED' || error instanceof AggregateError)
          tell(about, refusedText(mapping));
      },
    });
    connections.set(id, connection);
  };
  const onFrame = ({ kind, id, data }: Frame) => {
    const mapping = mappings[kind === 'O' ? data.readUInt32BE() : id];
    const connection = connections.get(id);
    if (kind === 'O' && mapping) open(id, mapping);
    else if (kind === 'L' && mapping) {
      onListening();
      backoffs[id]?.reset();
      tell(`container port ${mapping.remotePort}`, undefined);
      run.log.info(`Forwarding port ${mapping.remotePort} of the container to port ${mapping.port} of this machine`);
    } else if (kind === 'E' && mapping) {
      tell(`container port ${mapping.remotePort}`, takenText(mapping, data.toString(), container));
      sleep(backoffs[id]?.next() ?? longestPauseMs, signal).then(
        () => ask(id),
        () => {},
      );
    } else if (kind === 'D') connection?.data(Buffer.from(data));
    else if (kind === 'W') connection?.credit(data.readUInt32BE());
    else if (kind === 'F') connection?.end();
    else if (kind === 'C') connection?.destroy();
  };
  try {
    listener = await openListener({
      kube: run.kube,
      container,
      signal,
      onFrame,
      onOpen: () => void setImmediate(() => mappings.forEach((_, index) => ask(index))),
      onRoom: () => connections.forEach((connection) => connection.resume()),
    });
    const moved = otherContainer(target, container, signal).then(() => {
      throw new UserError('KUBE_STREAM', `Pod ${container.pod} was left for another one.`);
    });
    await Promise.race([listener.ended, moved]);
  } finally {
    left.abort();
    listener?.close();
    for (const connection of connections.values()) connection.destroy();
  }
}

const refusedText = ({ port, remotePort }: PortMapping): string =>
  `Port ${remotePort} of the container: nothing listens on port ${port} of this machine; the connection was closed.`;

function takenText({ remotePort, bindAddress }: PortMapping, code: string, { container, pod }: ContainerRef): string {
  const where = `Port ${remotePort} at ${bindAddress} of container ${container}, pod ${pod},`;
  const why =
    code === 'EADDRINUSE'
      ? 'another program listens there'
      : code === 'EACCES'
        ? 'the user of the container may not use ports below 1024'
        : code === 'EADDRNOTAVAIL'
          ? 'the container has no such address'
          : code;
  return `${where} cannot be opened: ${why}. Trying again.`;
}
