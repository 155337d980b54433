import { choice, count, described, flag, number, object, text, textMap, texts, withDefault } from '../fields.ts';

const hookSync = object({
  localPath: text('Path on this machine.'),
  containerPath: text('Path in the container.'),
});

const hookLogs = object({ tailLines: number('How many lines are shown.') });

const hookWait = object({
  running: flag('Wait until the container runs.'),
  terminatedWithCode: number('Wait until the container has ended with this code.'),
  timeout: withDefault(count('How many seconds to wait.'), 150),
});

const hookContainer = object({
  labelSelector: textMap('Labels of the pod.'),
  pod: text('Name of the pod.'),
  namespace: text('Namespace of the pod.'),
  imageSelector: text('Image of the container, with which the pod is found.'),
  containerName: text('Name of the container; not needed for pods with one.'),
  wait: choice('Whether to wait until the container runs.'),
  timeout: count('How many seconds to wait for the container.'),
  once: choice('Run only once in each container.'),
});

export const hook = object(
  {
    name: text('Name for the log.'),
    disabled: flag('Leave the hook out.'),
    events: texts('When to run, such as `before:deploy` or `after:build:app`.'),
    command: text('What to run on this machine, or in `container`.'),
    args: texts('Arguments; with these the command is run without a shell.'),
    os: text('Operating systems to run on, such as `darwin,linux`.'),
    upload: described(hookSync, 'Copy files into a container.'),
    download: described(hookSync, 'Copy files from a container.'),
    logs: described(hookLogs, 'Show logs of a container.'),
    wait: described(hookWait, 'Wait for a container.'),
    background: flag('Do not wait for the action.'),
    silent: flag('Show the output only when it fails.'),
    container: described(hookContainer, 'The container for the action.'),
  },
  { required: ['events'] },
);
