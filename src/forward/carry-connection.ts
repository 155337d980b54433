import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { UserError } from '../core/errors.ts';

/** What a client has sent up to this size can be sent once more. */
const mostKeptBytes = 64 * 1024;

/** Opens a connection to the pod of the moment; waits for one, and rejects when that takes too long. */
export type OpenRemote = () => Promise<Duplex>;

/**
 * Carries a connection of a client to the pod until both ends have ended. A connection that the pod has not taken is
 * opened once more and gets what the client has sent so far; the client notices nothing. Rejects if it broke.
 */
export async function carryConnection(client: Socket, open: OpenRemote): Promise<void> {
  let kept: Buffer[] | undefined = [];
  let keptBytes = 0;
  let remote = await open();
  const keep = (chunk: Buffer) => {
    keptBytes += chunk.length;
    if (keptBytes > mostKeptBytes) kept = undefined;
    kept?.push(chunk);
  };
  client.on('data', (chunk: Buffer) => {
    keep(chunk);
    if (!remote.write(chunk)) client.pause();
  });
  client.once('end', () => remote.end());
  client.once('close', () => {
    if (!remote.writableFinished || !remote.readableEnded) remote.destroy();
  });
  for (;;) {
    if (client.destroyed) remote.destroy();
    try {
      await carryTo(client, remote, () => {
        kept = undefined;
      });
      return;
    } catch (error) {
      if (client.destroyed || !kept || !mayRepeat(error, kept)) throw error;
      client.pause();
      remote = await open();
      for (const chunk of kept) remote.write(chunk);
      if (client.readableEnded) remote.end();
      client.resume();
    }
  }
}

/** What the pod may have got once must not be sent again: it may have been an order. */
function mayRepeat(error: unknown, kept: readonly Buffer[]): boolean {
  if (!(error instanceof UserError)) return kept.length === 0;
  return error.code === 'CONTAINER_NOT_RUNNING';
}

/** Resolves when both ends have ended; rejects if the pod's side breaks. */
function carryTo(client: Socket, remote: Duplex, onFirstByte: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      if (remote.readableEnded && client.readableEnded) resolve();
    };
    remote.on('drain', () => client.resume());
    remote.once('data', onFirstByte);
    remote.once('end', finish);
    client.once('end', finish);
    client.once('close', resolve);
    // a pod that closes its side of an open connection ends what the client reads
    remote.pipe(client);
    remote.once('error', (error) => {
      remote.unpipe(client);
      reject(error);
    });
  });
}
