import path from 'node:path';
import type { ImageConfig } from '../../src/config/types.ts';

/** An image with its Dockerfile in the folder, as a configuration that says no more gives it. */
export const imageConfigOf = (folder: string, more: Partial<ImageConfig> = {}): ImageConfig => ({
  name: 'web',
  image: 'localhost:5000/me/web',
  tags: [],
  dockerfile: path.join(folder, 'Dockerfile'),
  context: folder,
  buildArgs: {},
  skipPush: false,
  rebuildStrategy: 'default',
  disabled: false,
  ...more,
});
