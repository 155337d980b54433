import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { startKeepalive } from './keepalive.ts';
import { createPieceReader, maskedFrame, opcodes, type Piece } from './web-socket-frames.ts';

export interface WebSocketOptions {
  readonly socket: Socket;
  readonly head: Buffer;
  /** Parts of the binary messages, in their order. */
  onPiece(piece: Piece): void;
  /** Called once, after everything that came. */
  onClosed(failure: Error | undefined): void;
  /** Absent: what is carried notices a dead peer itself. */
  isServerAlive?(): Promise<boolean>;
}

export interface WebSocketConnection {
  /** Sends the parts as one message; `done` is called when they have left. */
  send(parts: readonly Buffer[], done: (error?: Error | null) => void): void;
  /** Says goodbye; the socket is gone soon after, whatever the server does. */
  close(): void;
}

const goodbyeMs = 2_000;
const normalClosure = Buffer.from([0x03, 0xe8]);

/** The headers with which a client asks for a WebSocket that speaks one of the protocols. */
export function webSocketHeaders(protocols: readonly string[]): Record<string, string> {
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-protocol': protocols.join(', '),
  };
}

/** Speaks RFC 6455 as a client over a socket that has just been upgraded. */
export function createWebSocket(options: WebSocketOptions): WebSocketConnection {
  const { socket, isServerAlive } = options;
  const readPieces = createPieceReader();
  let failure: Error | undefined;
  const write = (opcode: number, parts: readonly Buffer[], done?: (error?: Error | null) => void) => {
    if (socket.writable) socket.write(maskedFrame(opcode, parts), done);
    else done?.(failure ?? new Error('the connection is closed'));
  };
  const close = () => {
    if (socket.destroyed) return;
    write(opcodes.close, [normalClosure]);
    socket.end();
    setTimeout(() => socket.destroy(), goodbyeMs).unref();
    socket.resume();
  };
  const ping = () => write(opcodes.ping, [Buffer.alloc(0)]);
  const keepalive = isServerAlive && startKeepalive({ socket, ping, isServerAlive });

  const onData = (chunk: Buffer) => {
    keepalive?.heard();
    try {
      for (const piece of readPieces(chunk)) {
        if (piece.opcode === opcodes.ping) write(opcodes.pong, [piece.payload]);
        else if (piece.opcode === opcodes.pong) keepalive?.answered();
        else if (piece.opcode === opcodes.close) close();
        else if (piece.opcode <= opcodes.binary) options.onPiece(piece);
      }
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  socket.on('error', (error) => {
    failure = error;
  });
  socket.once('close', () => {
    keepalive?.stop();
    options.onClosed(failure);
  });
  socket.on('data', onData);
  if (options.head.length > 0) onData(options.head);
  return {
    send(parts, done) {
      write(opcodes.binary, parts, (error) => {
        if (!error) keepalive?.sent(parts.reduce((sum, part) => sum + part.length, 0));
        done(error);
      });
    },
    close,
  };
}

/** A byte stream inside a WebSocket: the messages say nothing, only their content counts. */
export function tunnelThroughWebSocket(socket: Socket, head: Buffer): Duplex {
  const tunnel = new Duplex({
    allowHalfOpen: true,
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => connection.send([chunk], done),
    writev: (chunks, done) =>
      connection.send(
        chunks.map(({ chunk }) => chunk as Buffer),
        done,
      ),
    final(done) {
      connection.close();
      done();
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  const connection = createWebSocket({
    socket,
    head,
    onPiece({ payload }) {
      if (payload.length > 0 && !tunnel.push(payload)) socket.pause();
    },
    onClosed(failure) {
      if (failure) tunnel.destroy(failure);
      else {
        tunnel.push(null);
        tunnel.once('end', () => tunnel.destroy());
        // nobody can be told any more
        if (!tunnel.writableEnded) tunnel.end();
      }
    },
  });
  return tunnel;
}
