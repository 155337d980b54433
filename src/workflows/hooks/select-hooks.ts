import type { HookConfig } from '../../config/types.ts';

/** A point in a command at which hooks may run, such as the deployment of `app`. */
export interface HookMoment {
  readonly when: 'before' | 'after' | 'error' | 'skip';
  /** What happens: `build`, `deploy`, `purge`, `createPullSecrets`, `initialSync` … */
  readonly step: string;
  /** The image, deployment or service that it happens to; absent: the step as a whole. */
  readonly name?: string | undefined;
}

/**
 * The names of the moment: `before:build`, or `before:build:app` and `before:build:*`, which stands for each of them
 * (our reference, `spec-config.md` section 12.1).
 */
export function eventNames({ when, step, name }: HookMoment): string[] {
  const whole = `${when}:${step}`;
  return name === undefined ? [whole] : [`${whole}:${name}`, `${whole}:*`];
}

/** The hooks that any of the events asks for on this system, each once, in the order of the file. */
export function selectHooks(
  hooks: readonly HookConfig[],
  events: readonly string[],
  platform: NodeJS.Platform,
): HookConfig[] {
  const system = platform === 'win32' ? 'windows' : platform;
  return hooks.filter(
    (hook) => hook.events.some((event) => events.includes(event)) && (hook.os.length === 0 || hook.os.includes(system)),
  );
}
