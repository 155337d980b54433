import type { ImageConfig, ResolvedConfig, TargetSelector } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import type { TargetQuery } from '../kube/find-target.ts';
import { repositoryOf } from '../kube/image-names.ts';
import { createLink, type Link } from '../link/create-link.ts';
import type { Run } from './tools.ts';

export interface TargetContext {
  readonly config: ResolvedConfig;
  readonly kube: KubeClient;
  /** How long to wait for the pod of a service. */
  readonly timeoutMs: number;
}

/** Gives equal selectors the same target. */
export function createTargets(context: TargetContext, run: Run): (selector: TargetSelector) => Link {
  const linkOf = createLinks(context, run);
  return (selector) => linkOf(toQuery(selector, context));
}

/** Gives equal queries the same link, so that the services of one container find and lose it together. */
export function createLinks(
  { kube, timeoutMs }: Pick<TargetContext, 'kube' | 'timeoutMs'>,
  { log, signal }: Pick<Run, 'log' | 'signal'>,
): (query: TargetQuery) => Link {
  const known = new Map<string, Link>();
  return (query) => {
    const key = JSON.stringify(query);
    const link = known.get(key) ?? createLink(query, { kube, timeoutMs, log, signal });
    known.set(key, link);
    return link;
  };
}

/** The selector of the configuration as the cluster can be asked for it. */
export function toQuery(
  selector: TargetSelector,
  { config, kube }: Pick<TargetContext, 'config' | 'kube'>,
): TargetQuery {
  const { labelSelector, imageSelector, containerName } = selector;
  if (Object.keys(labelSelector).length === 0 && imageSelector === undefined) {
    throw new UserError(
      'CONFIG_INVALID',
      'A service under `dev` says neither by labels nor by image which pod it is for.',
    );
  }
  return {
    namespace: selector.namespace ?? kube.namespace,
    labelSelector,
    containerName,
    ...(imageSelector === undefined ? {} : { imageRepository: repositoryOf(imageName(imageSelector, config.images)) }),
  };
}

const configuredImage = /^(?:image\(([\w-]+)\)|\$\{runtime\.images\.([\w-]+)(?:\.image)?\})/;

/** Whether the image selector can only be understood with the configuration. */
export const namesConfiguredImage = (selector: string): boolean => configuredImage.test(selector);

/** `image(app):tag(app)` and `${runtime.images.app}` stand for the image `app` of the configuration. */
function imageName(selector: string, images: readonly ImageConfig[]): string {
  const key = configuredImage.exec(selector);
  if (!key) return selector;
  const name = key[1] ?? key[2];
  const image = images.find((entry) => entry.name === name);
  if (image) return image.image;
  throw new UserError(
    'CONFIG_INVALID',
    `The image selector ${selector} names the image ${name}, which images does not have.`,
  );
}
