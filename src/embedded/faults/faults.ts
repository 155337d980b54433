import type { Duplex } from 'node:stream';
import { sleep } from '../../core/abort.ts';
import type { RequestInfo } from '../api/request-info.ts';
import { StatusError } from '../api/status.ts';

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
    | { readonly kind: 'delay'; readonly ms: number }
    /** Answers with a Status of this code, or breaks the connection with code 0. */
    | { readonly kind: 'fail'; readonly code: number }
    /** Breaks the connection after as many bytes have come (`received`) or gone (`sent`). */
    | { readonly kind: 'cut'; readonly afterBytes: number; readonly direction: 'sent' | 'received' }
    /** Ends the connection in good order after as many bytes have gone: the client sees a short answer. */
    | { readonly kind: 'truncate'; readonly afterBytes: number }
    /** After as many bytes nothing moves any more, and nobody says so. */
    | { readonly kind: 'black-hole'; readonly afterBytes: number }
  );

/** Faults for tests. Without any added nothing is looked at. */
export interface Faults {
  /** Adds a fault; returns what takes it back. */
  add(fault: Fault): () => void;
  clear(): void;
  /** Called before a request is answered: waits, throws or prepares the socket for what is to happen. */
  beforeRequest(info: RequestInfo, socket: Duplex): Promise<void>;
  /** Breaks all connections at once, as a restart of the server does. */
  restart(): void;
  onRestart(listener: () => void): void;
}

export function createFaults(): Faults {
  const active = new Map<Fault, number>();
  const listeners: (() => void)[] = [];
  return {
    add(fault) {
      active.set(fault, 0);
      return () => void active.delete(fault);
    },
    clear: () => active.clear(),
    async beforeRequest(info, socket) {
      for (const [fault, count] of [...active]) {
        if (!isHit(fault, info)) continue;
        active.set(fault, count + 1);
        const number = count + 1 - ((fault.from ?? 1) - 1);
        if (number >= 1 && number <= (fault.times ?? Number.POSITIVE_INFINITY)) await inject(fault, socket);
      }
    },
    restart() {
      for (const listener of listeners) listener();
    },
    onRestart: (listener) => void listeners.push(listener),
  };
}

function isHit({ verb, plural, subresource, path }: FaultTarget, info: RequestInfo): boolean {
  if (verb !== undefined && verb !== info.verb) return false;
  if (plural !== undefined && plural !== info.resource?.plural) return false;
  if (subresource !== undefined && subresource !== info.resource?.subresource) return false;
  return path === undefined || path.test(info.path);
}

async function inject(fault: Fault, socket: Duplex): Promise<void> {
  switch (fault.kind) {
    case 'delay':
      return sleep(fault.ms, new AbortController().signal);
    case 'fail':
      if (fault.code === 0) socket.destroy();
      throw new StatusError(fault.code, reasons[fault.code] ?? 'InternalError', `injected failure ${fault.code}`);
    case 'cut':
      return fault.direction === 'sent'
        ? limitSent(socket, fault.afterBytes, () => socket.destroy())
        : limitReceived(socket, fault.afterBytes, () => socket.destroy());
    case 'truncate':
      return limitSent(socket, fault.afterBytes, () => socket.end());
    case 'black-hole':
      limitSent(socket, fault.afterBytes, () => {});
      return limitReceived(socket, fault.afterBytes, () => {});
  }
}

const reasons: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** Lets so many bytes go out, swallows the others and then does what is to be done, once. */
function limitSent(socket: Duplex, bytes: number, then: () => void): void {
  let left = bytes;
  const write = socket.write.bind(socket) as (data: Buffer, done?: () => void) => boolean;
  const limited = (data: Buffer | string, ...rest: unknown[]): boolean => {
    const buffer =
      typeof data === 'string'
        ? Buffer.from(data, (typeof rest[0] === 'string' ? rest[0] : 'utf8') as BufferEncoding)
        : data;
    const done = rest.find((item): item is () => void => typeof item === 'function');
    const allowed = buffer.subarray(0, Math.max(0, left));
    const isLast = left > 0 && buffer.length >= left;
    left -= buffer.length;
    const result = allowed.length > 0 ? write(allowed, done) : (done?.(), true);
    if (isLast || (bytes === 0 && left <= 0)) setImmediate(then);
    return result;
  };
  Object.defineProperty(socket, 'write', { value: limited, writable: true, configurable: true });
}

/** Lets so many bytes come in and then no more; what follows stays in the socket unread. */
function limitReceived(socket: Duplex, bytes: number, then: () => void): void {
  let left = bytes;
  const push = socket.push.bind(socket);
  const limited = (data: Buffer | null): boolean => {
    if (data === null) return push(data);
    const allowed = data.subarray(0, Math.max(0, left));
    const isLast = left > 0 && data.length >= left;
    left -= data.length;
    if (isLast || bytes === 0) setImmediate(then);
    return allowed.length > 0 ? push(allowed) : true;
  };
  Object.defineProperty(socket, 'push', { value: limited, writable: true, configurable: true });
}
