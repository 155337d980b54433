import type { Duplex } from 'node:stream';
import { defer } from '../../core/deferred.ts';
import type { Channels } from './process-session.ts';
import { serveSpdy } from './spdy.ts';
import { createSizes } from './terminal-sizes.ts';
import { write } from './web-socket.ts';
import type { StreamFlags } from './web-socket-channels.ts';

/** Channels as SPDY streams, one for each; resolves when the client has opened all that it announced. */
export async function spdyChannels(socket: Duplex, head: Buffer, flags: StreamFlags): Promise<Channels> {
  const gone = new AbortController();
  const wanted = [
    'error',
    ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => flags[name]),
    ...(flags.tty ? ['resize'] : []),
  ];
  const streams = new Map<string, Duplex>();
  const complete = defer<void>();
  const sizes = createSizes();
  const ended = serveSpdy(socket, head, ({ headers, stream }) => {
    const type = headers['streamtype'] ?? '';
    stream.on('error', () => {});
    streams.set(type, stream);
    if (type === 'resize') stream.on('data', sizes.receive);
    else if (type !== 'stdin') stream.resume();
    if (wanted.every((name) => streams.has(name))) complete.resolve();
  });
  ended
    .catch(() => {})
    .finally(() => {
      gone.abort();
      complete.resolve();
    });
  await complete.promise;

  const send = async (name: string, data: Buffer): Promise<void> => {
    const stream = streams.get(name);
    if (stream) await write(stream, data);
  };
  return {
    stdin: streams.get('stdin'),
    stdout: (data) => send('stdout', data),
    stderr: (data) => send('stderr', data),
    sizes,
    async finish(status) {
      await send('error', Buffer.from(JSON.stringify(status)));
      const endings = [...streams.values()].map(
        (stream) =>
          new Promise<void>((resolve) => {
            if (stream.destroyed || stream.writableFinished) resolve();
            else stream.end(resolve);
            stream.once('close', resolve);
          }),
      );
      await Promise.all(endings);
      if (socket.writable) socket.end();
    },
    gone: gone.signal,
  };
}
