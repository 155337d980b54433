import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { PodRef } from '../client.ts';
import type { Negotiation } from './negotiation.ts';
import { createPortTunnel, type PortTunnel } from './port-tunnel.ts';

/** So many tunnels carry one connection each; further connections share them. */
const spreadOver = 8;
/** Streams of one tunnel share its fate when one of them is not read (our reference, `streams.md` section 1.5). */
const mostPerTunnel = 8;

export type OpenPort = (pod: PodRef, port: number, signal: AbortSignal) => Promise<Duplex>;

/** A tunnel, or one that is about to be. */
interface Entry extends Load {
  readonly pod: PodRef;
  readonly signal: AbortSignal;
  readonly opened: Promise<PortTunnel>;
  /** Connections that wait for it to open. */
  waiting: number;
}

/** How busy a tunnel is. */
export interface Load {
  readonly connections: number;
  readonly isFull: boolean;
}

/**
 * Connections to ports of pods, over tunnels that outlive them: a connection that finds a tunnel costs no round trip.
 * Tunnels belong to the pod and to the signal with which they were opened, and end with it.
 */
export function createPortForwarder(negotiation: Negotiation): OpenPort {
  const entries = new Set<Entry>();
  const ownOf = (pod: PodRef, signal: AbortSignal) =>
    [...entries].filter((entry) => entry.signal === signal && keyOf(entry.pod) === keyOf(pod));

  const add = (pod: PodRef, signal: AbortSignal): Entry => {
    // each tunnel listens for its end
    setMaxListeners(0, signal);
    let tunnel: PortTunnel | undefined;
    const opened = dial(negotiation, pod, signal).then((open) => (tunnel = open));
    const entry: Entry = {
      pod,
      signal,
      opened,
      waiting: 0,
      get connections() {
        return entry.waiting + (tunnel?.connections ?? 0);
      },
      get isFull() {
        return tunnel?.isFull ?? false;
      },
    };
    entries.add(entry);
    const remove = () => void entries.delete(entry);
    opened.then(({ closed }) => closed).then(remove, remove);
    return entry;
  };

  /** The next connection shall find a tunnel. */
  const keepSpare = (pod: PodRef, signal: AbortSignal) => {
    const own = ownOf(pod, signal);
    if (own.length < spreadOver && own.every(({ connections }) => connections > 0) && !signal.aborted) add(pod, signal);
  };

  return async (pod, port, signal) => {
    const entry = selectTunnel(ownOf(pod, signal)) ?? add(pod, signal);
    entry.waiting += 1;
    let tunnel: PortTunnel;
    try {
      tunnel = await entry.opened;
    } finally {
      entry.waiting -= 1;
    }
    const data = tunnel.connect(port);
    keepSpare(pod, signal);
    return data;
  };
}

const keyOf = ({ namespace, pod }: PodRef): string => `${namespace}/${pod}`;

/** Pure: the tunnel that takes a further connection; `undefined`: a new one. */
export function selectTunnel<T extends Load>(tunnels: readonly T[]): T | undefined {
  const open = tunnels.filter(({ isFull, connections }) => !isFull && connections < mostPerTunnel);
  const [leastBusy] = open.sort((a, b) => a.connections - b.connections);
  return leastBusy?.connections === 0 || tunnels.length >= spreadOver ? leastBusy : undefined;
}

async function dial({ open, rest }: Negotiation, pod: PodRef, signal: AbortSignal): Promise<PortTunnel> {
  const { upgraded, transport } = await open({
    subresource: 'portforward',
    path: `/api/v1/namespaces/${pod.namespace}/pods/${pod.pod}/portforward`,
    query: [],
    endsStdin: false,
    attempt: `forward a port to pod ${pod.namespace}/${pod.pod}`,
    signal,
  });
  return createPortTunnel({ pod, upgraded, transport, signal, isServerAlive: rest.isAlive });
}
