import { cacheFileOf } from '../../core/cache-file.ts';

/** What earlier runs have learned of the streams of one server and account. */
export interface KnownTransports {
  /** Whether streams of this kind came through over SPDY only, not longer than a day ago. */
  needsSpdy(stream: string): boolean;
  /** Keeps what a stream of this kind was taken with. */
  took(stream: string, transport: 'spdy' | 'websocket'): void;
}

/** Knows nothing of earlier runs. */
export const noKnownTransports: KnownTransports = { needsSpdy: () => false, took: () => {} };

/** A server may be renewed, or the account be given more; then the WebSocket is to come back. */
const validMs = 24 * 60 * 60 * 1000;

/**
 * Keeps in the cache folder what a server refuses, so that the next run need not be refused again. `name` tells servers
 * and accounts apart. A file that is missing, damaged or cannot be written costs nothing but time.
 */
export function openKnownTransports(folder: string, name: string): KnownTransports {
  const cache = cacheFileOf(folder, name);
  let loaded: Map<string, number> | undefined;
  const known = () => (loaded ??= validOf(cache.read()));
  return {
    needsSpdy: (stream) => known().has(stream),
    took(stream, transport) {
      const isSpdy = transport === 'spdy';
      if (known().has(stream) === isSpdy) return;
      if (isSpdy) known().set(stream, Date.now());
      else known().delete(stream);
      cache.write(Object.fromEntries(known()));
    },
  };
}

/** When it was learned, for each kind of stream: milliseconds since the epoch. */
function validOf(saved: unknown): Map<string, number> {
  const now = Date.now();
  const isValid = (entry: [string, unknown]): entry is [string, number] =>
    typeof entry[1] === 'number' && entry[1] <= now && now - entry[1] < validMs;
  return new Map(Object.entries(saved ?? {}).filter(isValid));
}
