import { sleep } from '../../core/abort.ts';
import type { Container } from '../api/pod-types.ts';
import type { ResolvedImage } from '../images/image.ts';
import type { ImageStore } from '../images/image-store.ts';
import { parseReference } from '../images/reference.ts';

export interface Pull {
  readonly images: ImageStore;
  readonly container: Container;
  /** Writes an event about the container. */
  readonly tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  /** Shows the container as waiting. */
  readonly wait: (reason: string, message: string) => void;
  readonly signal: AbortSignal;
}

const firstPauseMs = 10_000;
const longestPauseMs = 300_000;
/** So long a failed pull is shown as such, before the back-off is. */
const failureMs = 2000;

/** Looks for the image until it is there, with the kubelet's pauses, states and events. */
export async function pullImage({ images, container, tell, wait, signal }: Pull): Promise<ResolvedImage> {
  const name = container.image ?? '';
  const quoted = JSON.stringify(name);
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const image = images.resolveImage(name);
    if (image) return image;
    if (!parseReference(name)) {
      const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: invalid reference format`;
      tell('Warning', 'InspectFailed', message);
      wait('InvalidImageName', message);
    } else if (container.imagePullPolicy === 'Never') {
      const message = `Container image ${quoted} is not present with pull policy of Never`;
      tell('Warning', 'ErrImageNeverPull', message);
      wait('ErrImageNeverPull', message);
    } else {
      const why = `failed to pull and unpack image ${quoted}: failed to resolve reference ${quoted}: ${name}: not found`;
      tell('Normal', 'Pulling', `Pulling image ${quoted}`);
      tell('Warning', 'Failed', `Failed to pull image ${quoted}: ${why}`);
      tell('Warning', 'Failed', 'Error: ErrImagePull');
      wait('ErrImagePull', why);
      await sleep(failureMs, signal);
      tell('Normal', 'BackOff', `Back-off pulling image ${quoted}`);
      tell('Warning', 'Failed', 'Error: ImagePullBackOff');
      wait('ImagePullBackOff', `Back-off pulling image ${quoted}`);
    }
    await sleep(pauseMs, signal);
  }
}
