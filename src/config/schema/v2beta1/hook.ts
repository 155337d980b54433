import { choice, count, described, flag, number, object, text, textMap, texts, withDefault } from '../fields.ts';

export const hookSync = object({ localPath: text(''), containerPath: text('') });

export const hookLogs = object({ tailLines: number('') });

export const hookWait = object({
  running: flag(''),
  terminatedWithCode: number(''),
  timeout: withDefault(count(''), 150),
});

export const hookContainer = object({
  labelSelector: textMap(''),
  pod: text(''),
  namespace: text(''),
  imageSelector: text(''),
  containerName: text(''),
  wait: choice(''),
  timeout: count(''),
  once: choice(''),
});

export const hook = object(
  {
    name: text(''),
    disabled: flag(''),
    events: texts(''),
    command: text(''),
    args: texts(''),
    os: text(''),
    upload: described(hookSync, ''),
    download: described(hookSync, ''),
    logs: described(hookLogs, ''),
    wait: described(hookWait, ''),
    background: flag(''),
    silent: flag(''),
    container: described(hookContainer, ''),
  },
  { required: ['events'] },
);
