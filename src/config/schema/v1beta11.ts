import { choice, flag, freeMaps, text, textMap, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta10 } from './v1beta10.ts';

/** The key tree of `v1beta11`: what changed since `v1beta10`. */
export const v1beta11: Groups = evolve(v1beta10, {
  variable: {
    add: {
      alwaysResolve: flag('Find the value even when nothing uses it.'),
    },
  },
  pullSecret: {
    add: {
      disabled: flag('Leave the entry out.'),
    },
  },
  deployment: {
    add: {
      disabled: flag('Leave the deployment out.'),
      concurrent: flag('Deploy together with other concurrent ones.'),
    },
  },
  hook: {
    add: {
      name: text('Name for the log.'),
      disabled: flag('Leave the hook out.'),
      events: texts('When to run, such as `before:deploy` or `after:build:app`.'),
      container: ref('hookContainer', 'The container for the action.'),
    },
    remove: ['where', 'when'],
  },
  dependency: {
    add: {
      disabled: flag('Leave the dependency out.'),
    },
  },
  helm: {
    add: {
      timeout: text('How long Helm waits.'),
    },
  },
  portForwarding: {
    remove: ['imageName'],
  },
  sync: {
    remove: ['imageName'],
  },
  logs: {
    remove: ['images'],
  },
  terminal: {
    remove: ['imageName'],
  },
  replacePod: {
    add: {
      name: text('A name of your choice.'),
      persistPaths: listOf('persistentPath', 'Folders that outlive the pod.'),
      persistenceOptions: ref('persistenceOptions', 'The volume behind `persistPaths`.'),
    },
    remove: ['imageName'],
  },
  hookContainer: {
    add: {
      once: choice('Run only once in each container.'),
    },
    remove: ['imageName'],
  },
  profileActivation: {
    add: {
      vars: textMap('Variables and the regular expressions that their values must match.'),
    },
  },
  kaniko: {
    add: {
      tolerations: freeMaps('Tolerations of the build pod, as in Kubernetes.'),
      resources: ref('podResources', 'Requests and limits of the build pod.'),
    },
  },
  chart: {
    add: {
      git: ref('gitSource', 'Chart from a git repository.'),
    },
  },
  syncOnUpload: {
    add: {
      exec: listOf('syncExec', 'Commands to run after an upload.'),
    },
  },
  persistentPath: {
    add: {
      path: text('Folder in the container that outlives the pod.'),
      containerName: text('Name of the container; not needed for pods with one.'),
      volumePath: text('Folder within the volume.'),
      readOnly: flag('Forbid writing.'),
      skipPopulate: flag('Leave the volume empty instead of filling it from the image.'),
      initContainer: ref('persistentPathInitContainer', 'The container that fills the volume.'),
    },
  },
  persistenceOptions: {
    add: {
      size: text('Size of the volume.'),
      storageClassName: text('StorageClass of the volume.'),
      accessModes: texts('Who may mount the volume, as in Kubernetes.'),
      readOnly: flag('Forbid writing.'),
      name: text('Name of the PersistentVolumeClaim.'),
    },
  },
  podResources: {
    add: {
      requests: textMap('What the scheduler sets aside, such as `cpu: 100m`.'),
      limits: textMap('What must not be exceeded, such as `memory: 1Gi`.'),
    },
  },
  gitSource: {
    add: {
      url: text('Address of a git repository.'),
      cloneArgs: texts('More arguments for `git clone`.'),
      branch: text('Branch to check out.'),
      tag: text('Tag to check out.'),
      revision: text('Commit to check out.'),
      subPath: text('Folder within the repository.'),
    },
  },
  syncExec: {
    add: {
      name: text('Name for the log.'),
      command: text('What to run.'),
      args: texts('Arguments; with these the command is run without a shell.'),
      failOnError: flag('Stop sync when the command fails.'),
      local: flag('Run on this machine instead of in the container.'),
      onChange: texts('Run only when files that match these patterns were uploaded.'),
    },
  },
  persistentPathInitContainer: {
    add: {
      resources: ref('podResources', 'Requests and limits of the container that fills the volume.'),
    },
  },
});
