import type { Socket } from 'node:net';

/**
 * Tells the other end that its connection broke. Node.js 20 never closes a socket that is to be reset while its end is
 * being sent, and then the process hangs at its end.
 */
export function resetConnection(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
