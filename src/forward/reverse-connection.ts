import { connect, type Socket } from 'node:net';
import { creditBytes, type FrameKind, numberBytes, windowBytes } from './frames.ts';
import { resetConnection } from './reset-connection.ts';

/** One connection of the container, carried to a port of this machine. */
export interface ReverseConnection {
  data(chunk: Buffer): void;
  /** The container took so many bytes more. */
  credit(bytes: number): void;
  /** The container sends no more. */
  end(): void;
  /** The stream to the container takes more again. */
  resume(): void;
  /** Ends it here, without a word to the container. */
  destroy(): void;
}

export interface ReverseConnectionOptions {
  /** The port of this machine. */
  readonly port: number;
  send(kind: FrameKind, data?: Buffer): 'sent' | 'full';
  onConnected(): void;
  /** Called once, when nothing is left to carry; with the error if this machine's side broke. */
  onClosed(error: Error | undefined): void;
}

/**
 * Connects to the port of this machine, on whichever address of `localhost` it listens, and carries both directions, each
 * of which ends by itself. At most a window of data waits in either direction; a reader that is slow holds up its own
 * connection only.
 */
export function openReverseConnection(options: ReverseConnectionOptions): ReverseConnection {
  const socket = connect({ host: 'localhost', port: options.port, allowHalfOpen: true, autoSelectFamily: true });
  let room = windowBytes;
  let owed = 0;
  let failure: Error | undefined;
  socket.setNoDelay(true);
  socket.once('connect', options.onConnected);
  socket.on('data', (chunk: Buffer) => {
    room -= chunk.length;
    if (options.send('D', chunk) === 'full' || room <= 0) socket.pause();
  });
  socket.once('end', () => options.send('F'));
  socket.on('error', (error) => {
    failure = error;
  });
  let isSilent = false;
  socket.once('close', () => {
    const isWhole = socket.readableEnded && socket.writableFinished;
    if (!isSilent && !isWhole) options.send('C');
    options.onClosed(isSilent ? undefined : failure);
  });
  return {
    data: (chunk) =>
      void socket.write(chunk, (error) => {
        owed += chunk.length;
        if (error || owed < creditBytes) return;
        options.send('W', numberBytes(owed));
        owed = 0;
      }),
    credit(bytes) {
      room += bytes;
      resumeIf(socket, room);
    },
    end: () => void socket.end(),
    resume: () => resumeIf(socket, room),
    destroy() {
      isSilent = true;
      resetConnection(socket);
    },
  };
}

function resumeIf(socket: Socket, room: number): void {
  if (room > 0) socket.resume();
}
