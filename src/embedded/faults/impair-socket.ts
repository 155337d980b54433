import type { Duplex } from 'node:stream';

/** What can happen to a connection while bytes are on their way. */
export type StreamFault =
  /** Each piece leaves the server so much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Breaks the connection after as many bytes have come (`received`) or gone (`sent`). */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly direction: 'sent' | 'received' }
  /** Ends the connection in good order after as many bytes have gone: the client sees a short answer. */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  /** After as many bytes (0: from now on) nothing moves any more in either direction, and nobody says so. */
  | { readonly kind: 'black-hole'; readonly afterBytes: number };

/** Prepares the socket for what is to happen to it; bytes count from now on. */
export function impairSocket(socket: Duplex, fault: StreamFault): void {
  switch (fault.kind) {
    case 'slow':
      return slowDown(socket, fault.ms);
    case 'cut':
      return fault.direction === 'sent'
        ? limitSent(socket, fault.afterBytes, () => socket.destroy())
        : limitReceived(socket, fault.afterBytes, () => socket.destroy());
    case 'truncate':
      return limitSent(socket, fault.afterBytes, () => socket.end());
    case 'black-hole':
      limitSent(socket, fault.afterBytes, () => {});
      override(socket, 'end', () => socket);
      return limitReceived(socket, fault.afterBytes, () => {});
  }
}

function override(socket: Duplex, name: 'write' | 'end' | 'push', value: (...args: never[]) => unknown): void {
  Object.defineProperty(socket, name, { value, writable: true, configurable: true });
}

/** Timers of the same length fire in the order in which they were made. */
function slowDown(socket: Duplex, ms: number): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const end = socket.end.bind(socket) as (...args: unknown[]) => Duplex;
  override(socket, 'write', (...args: unknown[]) => {
    setTimeout(() => write(...args), ms);
    return true;
  });
  override(socket, 'end', (...args: unknown[]) => {
    setTimeout(() => end(...args), ms);
    return socket;
  });
}

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
    if (isLast) setImmediate(then);
    return result;
  };
  override(socket, 'write', limited);
  if (bytes === 0) setImmediate(then);
}

/** Lets so many bytes come in and then no more; what follows is dropped. */
function limitReceived(socket: Duplex, bytes: number, then: () => void): void {
  let left = bytes;
  const push = socket.push.bind(socket);
  override(socket, 'push', (data: Buffer | null): boolean => {
    if (data === null) return left > 0 ? push(data) : true;
    const allowed = data.subarray(0, Math.max(0, left));
    const isLast = left > 0 && data.length >= left;
    left -= data.length;
    if (isLast) setImmediate(then);
    return allowed.length > 0 ? push(allowed) : true;
  });
  // The HTTP parser reads past the socket until somebody else listens, too.
  if ('parser' in socket && socket.parser !== null) socket.on('data', () => {});
  if (bytes === 0) setImmediate(then);
}
