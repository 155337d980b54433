import type { ContainerChoice } from '../workflows/select-container.ts';
import type { OptionDefinition } from './define-command.ts';
import { labelSelector } from './shared-options.ts';

/** The flags with which every command that works with a container is told which one, as commander gives them. */
export interface SelectionFlags {
  readonly container?: string;
  readonly pod?: string;
  readonly labelSelector?: Readonly<Record<string, string>>;
  readonly imageSelector?: string;
  readonly selector?: string;
  readonly pick?: boolean;
}

export const selectionFlags: readonly OptionDefinition[] = [
  { flags: '-c, --container <name>', description: 'Container of the pod' },
  { flags: '--pod <name>', description: 'Name of the pod' },
  labelSelector,
  { flags: '--image-selector <image>', description: 'Image of the container, such as nginx or image(app)' },
  { flags: '-s, --selector <name>', description: 'Name of a selector of the configuration' },
  { flags: '--pick', description: 'Ask which of the containers that fit is meant; -p, too, if nothing follows it' },
];

/** What the flags say about the container. */
export const toContainerChoice = (flags: SelectionFlags): ContainerChoice => ({
  pod: flags.pod,
  container: flags.container,
  labelSelector: flags.labelSelector,
  imageSelector: flags.imageSelector,
  selector: flags.selector,
  pick: flags.pick ? 'ask' : 'newest',
});
