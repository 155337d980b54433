import { PassThrough } from 'node:stream';
import { asObject, type Json } from '../api/objects.ts';
import type { TerminalSize } from '../sandbox/sandbox.ts';
import type { Channels } from './process-session.ts';
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
  let resize: (size: TerminalSize) => void = () => {};
  const send = (id: number, data: Buffer) => socket.send(Buffer.concat([Buffer.from([id]), data]));
  // An empty message on the first readable channel tells the client that the connection stands.
  const first = flags.stdout ? channel.stdout : flags.stderr ? channel.stderr : channel.error;
  const greeted = send(first, Buffer.alloc(0));

  const receive = async (): Promise<void> => {
    for await (const message of socket.messages()) {
      const payload = message.subarray(1);
      if (message[0] === channel.stdin && stdin && !stdin.writableEnded && payload.length > 0) {
        await write(stdin, payload);
      } else if (message[0] === channel.resize) readSizes(payload, resize);
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
    onResize: (listener) => {
      resize = listener;
    },
    async finish(status) {
      await greeted;
      await send(channel.error, Buffer.from(JSON.stringify(status)));
      stdin?.resume();
      await socket.close();
    },
    gone: gone.signal,
  };
}

/** Sizes come as JSON objects one after the other, with `Width` and `Height` in any case. */
export function readSizes(data: Buffer, listener: (size: TerminalSize) => void): void {
  for (const text of data.toString('utf8').match(/\{[^{}]*\}/g) ?? []) {
    const entries = Object.entries(asObject(JSON.parse(text) as Json)).map(([key, value]) => [
      key.toLowerCase(),
      value,
    ]);
    const { width, height } = Object.fromEntries(entries) as Record<string, Json>;
    if (typeof width === 'number' && typeof height === 'number') listener({ columns: width, rows: height });
  }
}
