import { packEntries } from '../../src/archive/pack.ts';
import type { BuildRequest } from '../../src/docker/client.ts';

/** A build of a context that holds a Dockerfile alone. */
export const buildRequest = (more: Partial<BuildRequest> = {}): BuildRequest => ({
  context: packEntries([
    { type: 'file', name: 'Dockerfile', mode: 0o644, mtime: new Date(0), size: 4, content: Buffer.from('FROM') },
  ]),
  dockerfile: 'Dockerfile',
  tags: ['localhost:5000/me/app:one'],
  buildArgs: {},
  findLogin: async () => undefined,
  onStep: () => {},
  onOutput: () => {},
  signal: new AbortController().signal,
  ...more,
});
