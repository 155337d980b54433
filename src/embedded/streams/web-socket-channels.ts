import { PassThrough } from 'node:stream';
import type { Channels } from './process-session.ts';
import { createSizes } from './terminal-sizes.ts';
import { type WebSocketEnd, write } from './web-socket.ts';

export interface StreamFlags {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Channels over one WebSocket: a byte with the channel before each payload (Kubernetes KEP-4006 for version 5). */
export function webSocketChannels(socket: WebSocketEnd, flags: StreamFlags & { readonly protocol: string }): Channels {
  const gone = new AbortController();
  const stdin = flags.stdin ? new PassThrough() : undefined;
  const sizes = createSizes();
  const send = (id: number, data: Buffer) => socket.send(Buffer.concat([Buffer.from([id]), data]));
  // An empty message on the first readable channel tells the client that the connection stands.
  const first = flags.stdout ? channel.stdout : flags.stderr ? channel.stderr : channel.error;
  const greeted = send(first, Buffer.alloc(0));

  const receive = async (): Promise<void> => {
    for await (const message of socket.messages()) {
      const payload = message.subarray(1);
      if (message[0] === channel.stdin && stdin && !stdin.writableEnded && payload.length > 0) {
        await write(stdin, payload);
      } else if (message[0] === channel.resize) sizes.receive(payload);
      else if (message[0] === channel.close && flags.protocol.startsWith('v5') && payload[0] === channel.stdin)
        stdin?.end();
    }
  };
  receive()
    .catch(() => {})
    .finally(() => {
      gone.abort();
      stdin?.end();
    });

  return {
    stdin,
    stdout: async (data) => (flags.stdout ? send(channel.stdout, data) : undefined),
    stderr: async (data) => (flags.stderr ? send(channel.stderr, data) : undefined),
    sizes,
    async finish(status) {
      await greeted;
      await send(channel.error, Buffer.from(JSON.stringify(status)));
      stdin?.resume();
      await socket.close();
    },
    gone: gone.signal,
  };
}
