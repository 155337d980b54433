import { createHash } from 'node:crypto';
import type { ImageConfig, ResolvedImage } from './image.ts';
import { parseReference } from './reference.ts';

/** What the official images run when nothing is said; the machine may lack the program, then starting fails so. */
const commands: Readonly<Record<string, readonly string[]>> = {
  debian: ['bash'],
  ubuntu: ['bash'],
  golang: ['bash'],
  node: ['node'],
  python: ['python3'],
  ruby: ['irb'],
  nginx: ['nginx', '-g', 'daemon off;'],
  redis: ['redis-server'],
  httpd: ['httpd-foreground'],
};

/** An image name that stands for this machine's own programs: no layers, and the command one would expect. */
export function machineImage(reference: string): ResolvedImage {
  const name = parseReference(reference)?.repository.split('/').at(-1) ?? reference;
  const id = `sha256:${createHash('sha256').update(`this machine as ${name}`).digest('hex')}`;
  const config: ImageConfig = {
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ...(name === 'scratch' ? {} : { Cmd: commands[name] ?? ['sh'] }),
  };
  return { id, reference, imageID: id, layers: [], config, standsForMachine: true };
}
