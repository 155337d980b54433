import type { Duplex } from 'node:stream';
import { sleep } from '../../core/abort.ts';
import { impairSocket, type StreamFault } from './impair-socket.ts';

/** What a fault knows of a request to the API server or to the engine. */
export interface FaultRequest {
  /** The engine's requests have the method in lower case. */
  readonly verb: string;
  readonly path: string;
  readonly resource?: { readonly plural: string; readonly subresource: string } | undefined;
}

/** Which requests a fault hits. What is left out does not matter. */
interface FaultTarget {
  readonly verb?: string;
  readonly plural?: string;
  readonly subresource?: string;
  readonly path?: RegExp;
}

type Fault = FaultTarget & {
  /** The first matching request that is hit, counted from 1 (default 1), and how many then (default: all). */
  readonly from?: number;
  readonly times?: number;
} & (
    | StreamFault
    /** Answers so much later. */
    | { readonly kind: 'delay'; readonly ms: number }
    /** Answers with this code, or breaks the connection with code 0. */
    | { readonly kind: 'fail'; readonly code: number }
  );

/** Faults for tests; `docs/embedded.md` shows how. Without any added none happens. */
export interface Faults {
  /** Adds a fault for requests to come; returns what takes it back. */
  add(fault: Fault): () => void;
  clear(): void;
  /** Does it to the matching connections that are open now; says how many these are. */
  strike(fault: FaultTarget & StreamFault): number;
  /** Called before a request is answered: waits, throws or prepares the socket for what is to happen. */
  beforeRequest(info: FaultRequest, socket: Duplex): Promise<void>;
  /** Breaks all connections at once, as a restart of the server does, and refuses new ones for `downMs` (default 0). */
  restart(downMs?: number): void;
  onRestart(listener: (downMs: number) => void): void;
}

/** The engine has no restart of its own. */
export type EngineFaults = Omit<Faults, 'restart' | 'onRestart'>;

/** `refuse` makes what the server answers for a code. */
export function createFaults(refuse: (code: number, message: string) => Error): Faults {
  const active = new Map<Fault, number>();
  const open = new Map<Duplex, FaultRequest>();
  const listeners: ((downMs: number) => void)[] = [];
  const remember = (socket: Duplex, info: FaultRequest): void => {
    if (!open.has(socket)) socket.once('close', () => open.delete(socket));
    open.set(socket, info);
  };
  return {
    add(fault) {
      active.set(fault, 0);
      return () => void active.delete(fault);
    },
    clear: () => active.clear(),
    strike(fault) {
      const hit = [...open].filter(([, info]) => isHit(fault, info));
      for (const [socket] of hit) impairSocket(socket, fault);
      return hit.length;
    },
    async beforeRequest(info, socket) {
      remember(socket, info);
      for (const [fault, count] of [...active]) {
        if (!isHit(fault, info)) continue;
        active.set(fault, count + 1);
        const number = count + 1 - ((fault.from ?? 1) - 1);
        if (number >= 1 && number <= (fault.times ?? Number.POSITIVE_INFINITY)) await inject(fault, socket, refuse);
      }
    },
    restart(downMs = 0) {
      for (const listener of listeners) listener(downMs);
    },
    onRestart: (listener) => void listeners.push(listener),
  };
}

function isHit({ verb, plural, subresource, path }: FaultTarget, info: FaultRequest): boolean {
  if (verb !== undefined && verb !== info.verb) return false;
  if (plural !== undefined && plural !== info.resource?.plural) return false;
  if (subresource !== undefined && subresource !== info.resource?.subresource) return false;
  return path === undefined || path.test(info.path);
}

async function inject(fault: Fault, socket: Duplex, refuse: Parameters<typeof createFaults>[0]): Promise<void> {
  if (fault.kind === 'delay') return sleep(fault.ms, new AbortController().signal);
  if (fault.kind !== 'fail') return impairSocket(socket, fault);
  if (fault.code === 0) socket.destroy();
  throw refuse(fault.code, `injected failure ${fault.code}`);
}
