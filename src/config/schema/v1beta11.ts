import { choice, flag, freeMaps, text, textMap, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta10 } from './v1beta10.ts';

/** The key tree of `v1beta11`: what changed since `v1beta10`. */
export const v1beta11: Groups = evolve(v1beta10, {
  variable: {
    add: {
      alwaysResolve: flag(''),
    },
  },
  pullSecret: {
    add: {
      disabled: flag(''),
    },
  },
  deployment: {
    add: {
      disabled: flag(''),
      concurrent: flag(''),
    },
  },
  hook: {
    add: {
      name: text(''),
      disabled: flag(''),
      events: texts(''),
      container: ref('hookContainer', ''),
    },
    remove: ['where', 'when'],
  },
  dependency: {
    add: {
      disabled: flag(''),
    },
  },
  helm: {
    add: {
      timeout: text(''),
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
      name: text(''),
      persistPaths: listOf('persistentPath', ''),
      persistenceOptions: ref('persistenceOptions', ''),
    },
    remove: ['imageName'],
  },
  hookContainer: {
    add: {
      once: choice(''),
    },
    remove: ['imageName'],
  },
  profileActivation: {
    add: {
      vars: textMap(''),
    },
  },
  kaniko: {
    add: {
      tolerations: freeMaps(''),
      resources: ref('podResources', ''),
    },
  },
  chart: {
    add: {
      git: ref('gitSource', ''),
    },
  },
  syncOnUpload: {
    add: {
      exec: listOf('syncExec', ''),
    },
  },
  persistentPath: {
    add: {
      path: text(''),
      containerName: text(''),
      volumePath: text(''),
      readOnly: flag(''),
      skipPopulate: flag(''),
      initContainer: ref('persistentPathInitContainer', ''),
    },
  },
  persistenceOptions: {
    add: {
      size: text(''),
      storageClassName: text(''),
      accessModes: texts(''),
      readOnly: flag(''),
      name: text(''),
    },
  },
  podResources: {
    add: {
      requests: textMap(''),
      limits: textMap(''),
    },
  },
  gitSource: {
    add: {
      url: text(''),
      cloneArgs: texts(''),
      branch: text(''),
      tag: text(''),
      revision: text(''),
      subPath: text(''),
    },
  },
  syncExec: {
    add: {
      name: text(''),
      command: text(''),
      args: texts(''),
      failOnError: flag(''),
      local: flag(''),
      onChange: texts(''),
    },
  },
  persistentPathInitContainer: {
    add: {
      resources: ref('podResources', ''),
    },
  },
});
