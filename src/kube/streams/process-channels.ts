import type { Duplex } from 'node:stream';
import { UserError } from '../../core/errors.ts';
import type { Rest, Upgraded } from '../rest.ts';
import { type Carrier, ChannelStream } from './channel-stream.ts';
import { createSpdyConnection } from './spdy-connection.ts';
import { createWebSocket, type WebSocketConnection } from './web-socket.ts';

/** Which streams a process session has. */
export interface ChannelChoice {
  readonly subresource: 'exec' | 'attach';
  readonly stdin: 'open' | 'none';
  readonly terminal: 'tty' | 'none';
}

/** The streams of one exec or attach, whatever carries them. */
export interface ProcessChannels {
  /** The last word of the server, as JSON. */
  readonly status: Duplex;
  readonly stdin: Duplex | undefined;
  readonly stdout: Duplex;
  /** Absent with a terminal. */
  readonly stderr: Duplex | undefined;
  /** Takes the sizes of the terminal, as JSON; absent without one. */
  readonly sizes: Duplex | undefined;
  /** Resolves when the connection has ended, with the reason if it broke. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  close(): void;
}

/** The streams over SPDY: each one ends in each direction by itself. */
export function channelsOverSpdy({ socket, head }: Upgraded, choice: ChannelChoice, rest: Rest): ProcessChannels {
  const connection = createSpdyConnection({ socket, head, streams: 'together', isServerAlive: rest.isAlive });
  const open = (streamtype: string) => connection.open({ streamtype });
  const tty = choice.terminal === 'tty';
  return {
    status: open('error'),
    stdin: choice.stdin === 'open' ? open('stdin') : undefined,
    stdout: open('stdout'),
    stderr: tty ? undefined : open('stderr'),
    sizes: tty ? open('resize') : undefined,
    closed: connection.closed,
    close: () => connection.close(),
  };
}

/** Channel numbers and the close message of version 5 (our reference, `streams.md` section 1.1). */
const ids = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;
/** Servers copy in blocks of this size themselves. */
const maxDataBytes = 32 * 1024;

/** The streams over a WebSocket: each message begins with the number of its channel. */
export function channelsOverWebSocket(upgraded: Upgraded, choice: ChannelChoice, rest: Rest): ProcessChannels {
  const { socket, head, protocol } = upgraded;
  const canEndStdin = protocol.startsWith('v5.');
  const streams = new Map<number, ChannelStream>();
  let connection: WebSocketConnection | undefined;
  const carrier: Carrier = {
    send(id, chunk, done) {
      for (let offset = 0; offset < chunk.length; offset += maxDataBytes) {
        const part = chunk.subarray(offset, offset + maxDataBytes);
        const isLast = offset + maxDataBytes >= chunk.length;
        connection?.send([Buffer.from([id]), part], isLast ? done : () => {});
      }
    },
    finish(id, done) {
      if (id !== ids.stdin) return done();
      if (canEndStdin) return connection?.send([Buffer.from([ids.close, ids.stdin])], () => done());
      if (choice.terminal === 'tty') return done();
      const refusal = endlessInput(choice);
      // whoever waits for the exit code shall hear why there is none
      channels.status.destroy(refusal);
      done(refusal);
      connection?.close();
    },
    // a WebSocket knows no reset: a process whose output nobody wants is left by closing the session
    reset: () => {},
    full: () => void socket.pause(),
    wanted: () => void socket.resume(),
    forget: () => {},
  };
  const open = (id: number) => {
    const stream = new ChannelStream(id, carrier);
    streams.set(id, stream);
    return stream;
  };
  const tty = choice.terminal === 'tty';
  const channels = {
    status: open(ids.status),
    stdin: choice.stdin === 'open' ? open(ids.stdin) : undefined,
    stdout: open(ids.stdout),
    stderr: tty ? undefined : open(ids.stderr),
    sizes: tty ? open(ids.resize) : undefined,
  };
  let current: ChannelStream | undefined;
  let hasStatus = false;
  const closed = new Promise<Error | undefined>((resolve) => {
    connection = createWebSocket({
      socket,
      head,
      isServerAlive: rest.isAlive,
      onPiece({ payload, isStart }) {
        if (isStart) current = streams.get(payload[0] ?? -1);
        const data = isStart ? payload.subarray(1) : payload;
        if (current?.destroyed || data.length === 0) return;
        if (current === channels.status) hasStatus = true;
        current?.receive(data, 'more');
      },
      onClosed(failure) {
        for (const stream of streams.values()) {
          // the status is the last word: what came before it is whole
          if (hasStatus) stream.receive(Buffer.alloc(0), 'end');
          stream.connectionEnded(failure);
        }
        resolve(failure);
      },
    });
  });
  return { ...channels, closed, close: () => connection?.close() };
}

function endlessInput({ subresource }: ChannelChoice): UserError {
  const resource = `pods/${subresource}`;
  const message = `This server cannot end the input of a process in the one way that your account may use: it lacks the verb create on ${resource}.`;
  const hint = `Ask the administrator of the cluster for the verb create on ${resource}. On a terminal the verb get is enough.`;
  return new UserError('KUBE_FORBIDDEN', message, { hint });
}
