import path from 'node:path';
import type { ResolveContext } from './resolve-context.ts';
import type { Model } from './schema/v2beta1.ts';
import type { HookAction, HookConfig, HookContainer } from './types.ts';

type HookModel = NonNullable<Model['hooks']>[number];
type ContainerModel = NonNullable<HookModel['container']>;

/** The original waits this long for the container of a hook. */
const containerWithinSeconds = 150;

/** The hooks that are not disabled, in their order. The semantic check has found exactly one action in each. */
export function toHooks(model: Model, context: ResolveContext): HookConfig[] {
  return (model.hooks ?? []).filter(({ disabled }) => disabled !== true).flatMap((hook) => toHook(hook, context));
}

function toHook(hook: HookModel, context: ResolveContext): HookConfig[] {
  const action = toAction(hook, context);
  if (!action) return [];
  return [
    {
      ...(hook.name ? { name: hook.name } : {}),
      events: hook.events ?? [],
      os: (hook.os ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
      background: hook.background ?? false,
      silent: hook.silent ?? false,
      action,
      ...(hook.container ? { container: toContainer(hook.container) } : {}),
    },
  ];
}

function toAction(hook: HookModel, { projectRoot }: ResolveContext): HookAction | undefined {
  const { command, args, upload, download, logs, wait } = hook;
  if (command) return { kind: 'command', command, ...(args === undefined ? {} : { args }) };
  const copy = upload ?? download;
  if (copy) {
    const localPath = path.resolve(projectRoot, copy.localPath || '.');
    return { kind: upload ? 'upload' : 'download', localPath, containerPath: copy.containerPath || '.' };
  }
  if (logs) return { kind: 'logs', ...(logs.tailLines === undefined ? {} : { tailLines: logs.tailLines }) };
  if (!wait) return undefined;
  const { terminatedWithCode } = wait;
  return {
    kind: 'wait',
    running: wait.running ?? false,
    ...(terminatedWithCode === undefined ? {} : { terminatedWithCode }),
    timeoutSeconds: wait.timeout || containerWithinSeconds,
  };
}

function toContainer(container: ContainerModel): HookContainer {
  const { labelSelector, imageSelector, namespace, containerName, pod } = container;
  return {
    target: {
      labelSelector: labelSelector ?? {},
      ...(imageSelector ? { imageSelector } : {}),
      ...(namespace ? { namespace } : {}),
      ...(containerName ? { containerName } : {}),
    },
    ...(pod ? { pod } : {}),
    timeoutSeconds: container.wait === false ? 0 : container.timeout || containerWithinSeconds,
    once: container.once ?? false,
  };
}
