import type { KeyPath } from '../../finding.ts';
import { listAt, mapAt, mapOrNothing, textAt } from '../data.ts';
import type { Data, UpgradeContext } from '../version.ts';
import { builtImages } from './images.ts';

/** Which pod is meant where a part of `dev` does not say it. */
interface OnlyTarget {
  /** With imageSelector or labelSelector, and namespace. */
  readonly selector: Data;
  /** In words, for the user. */
  readonly name: string;
}

export const hasTarget = (part: Data): boolean =>
  textAt(part, 'imageSelector') !== '' || Object.keys(mapAt(part, 'labelSelector')).length > 0;

/** The only pod that `dev` names; where it names none, the one with the only image of the file. */
export function onlyTarget(data: Data): OnlyTarget | undefined {
  const dev = mapAt(data, 'dev');
  const terminal = mapOrNothing(dev, 'terminal');
  const parts = [
    ...['replacePods', 'ports', 'sync'].flatMap((section) => listAt(dev, section)),
    ...listAt(mapAt(dev, 'logs'), 'selectors'),
    ...(terminal ? [terminal] : []),
  ].filter(hasTarget);
  const [first] = parts;
  if (first) {
    const isOne = parts.every((part) => selectorText(part) === selectorText(first));
    return isOne ? { selector: toSelector(first), name: 'the only one under `dev`' } : undefined;
  }
  const [image, ...others] = builtImages(data);
  if (image === undefined || others.length > 0) return undefined;
  return { selector: { imageSelector: `image(${image}):tag(${image})` }, name: `the one with the image \`${image}\`` };
}

interface PartToAim {
  readonly part: Data;
  readonly from: KeyPath;
  readonly context: UpgradeContext;
  readonly only: OnlyTarget | undefined;
}

/** The part with a pod; without one that could be meant it has no effect. Either is told. */
export function withTarget({ part, from, context, only }: PartToAim): Data | undefined {
  if (hasTarget(part)) return part;
  const reason = only ? `this names no pod: ${only.name} is taken` : 'this has no effect, because it names no pod';
  const allowed = 'imageSelector or labelSelector';
  context.report({ severity: 'warning', path: from, at: 'key', message: reason, ...(only ? {} : { allowed }) });
  return only && { ...part, ...only.selector };
}

const toSelector = ({ imageSelector, labelSelector, namespace }: Data): Data => ({
  ...(imageSelector === undefined ? {} : { imageSelector }),
  ...(labelSelector === undefined ? {} : { labelSelector }),
  ...(namespace === undefined ? {} : { namespace }),
});

const selectorText = (part: Data): string => {
  const labels = Object.entries(mapAt(part, 'labelSelector')).map(([key, value]) => `${key}=${String(value)}`);
  return JSON.stringify([textAt(part, 'imageSelector'), labels.sort()]);
};
