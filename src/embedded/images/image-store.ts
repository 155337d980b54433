import type { ResolvedImage } from './image.ts';

/** The images under the state folder. Opened by `openImageStore(folder)`; shared by the engine and the kubelet. */
export interface ImageStore {
  /**
   * The image that a container named in a pod runs. Built and pushed images are found under their full name and under
   * their id; a plain well-known base (`node:20`, `busybox`) stands for this machine's own programs. `undefined` for
   * everything else: nobody built or pushed it, so a real cluster could not pull it either.
   */
  resolveImage(reference: string): ResolvedImage | undefined;
}
