import type { Duplex } from 'node:stream';

export interface KeepaliveOptions {
  /** What carries everything; destroyed when the other side is dead. */
  readonly socket: Duplex;
  ping(): void;
  /** Whether the server still answers others; asked only if a blocked peer and a dead one look the same. */
  isServerAlive(): Promise<boolean>;
}

export interface Keepalive {
  /** Something came. */
  heard(): void;
  /** So many bytes of ours, which are no ping, were taken. */
  sent(bytes: number): void;
  /** The answer to a ping came. */
  answered(): void;
  stop(): void;
}

const tickMs = 5_000;
/** Below the 20 s after which some load balancers drop silent connections (our reference, `streams.md` section 1.2). */
const ticksPerPing = 2;
/** With one tick on top this is less than 35 s, within which a silent loss is to be noticed. */
const silentForMs = 28_000;
/** A few keys cannot stop a server from reading, so a connection that takes only those and does not answer is dead. */
const mostUnansweredBytes = 2 * 1024;

/**
 * Notices within 35 s that the other side is gone without a word. While a process does not read its input, a server
 * answers no ping either: if bytes of ours wait, here or on their way, the server itself is asked before the connection
 * is given up.
 */
export function startKeepalive({ socket, ping, isServerAlive }: KeepaliveOptions): Keepalive {
  let heardAt = Date.now();
  let ticks = 0;
  let isAsking = false;
  let sentBytes = 0;
  let sentBeforePing = 0;
  let answeredBytes = 0;
  const mayBeBlocked = () => socket.writableLength > 0 || sentBytes - answeredBytes > mostUnansweredBytes;
  const giveUp = () => socket.destroy(new Error(`no answer for ${silentForMs / 1000} seconds`));

  const tick = () => {
    // who does not read does not see answers
    if (socket.isPaused()) heardAt = Date.now();
    const isSilent = Date.now() - heardAt > silentForMs;
    if (isSilent && !mayBeBlocked()) {
      giveUp();
      return;
    }
    if (isSilent && !isAsking) {
      isAsking = true;
      isServerAlive().then(
        (alive) => {
          isAsking = false;
          if (!alive) giveUp();
        },
        () => giveUp(),
      );
    }
    ticks += 1;
    // pings that wait behind blocked bytes tell nothing
    if (ticks % ticksPerPing !== 0 || socket.writableLength > 0) return;
    sentBeforePing = sentBytes;
    ping();
  };
  const timer = setInterval(tick, tickMs);
  timer.unref();
  return {
    heard() {
      heardAt = Date.now();
    },
    sent(bytes) {
      sentBytes += bytes;
      heardAt = Date.now();
    },
    answered() {
      answeredBytes = sentBeforePing;
    },
    stop: () => clearInterval(timer),
  };
}
