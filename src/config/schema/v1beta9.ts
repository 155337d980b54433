import {
  anything,
  choice,
  count,
  flag,
  freeMap,
  items,
  mapOfFree,
  number,
  oneOf,
  text,
  textMap,
  texts,
} from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta8 } from './v1beta8.ts';

/** The key tree of `v1beta9`: what changed since `v1beta8`. */
export const v1beta9: Groups = evolve(v1beta8, {
  config: {
    add: {
      pullSecrets: listOf('pullSecret', ''),
    },
  },
  image: {
    add: {
      tagsAppendRandom: flag(''),
      preferSyncOverRebuild: flag(''),
      injectRestartHelper: flag(''),
      restartHelperPath: text(''),
      appendDockerfileInstructions: texts(''),
      rebuildStrategy: oneOf(['default', 'always', 'ignoreContextChanges'], ''),
    },
  },
  dependency: {
    add: {
      profileParents: texts(''),
      vars: listOf('dependencyVar', ''),
    },
  },
  hook: {
    add: {
      upload: ref('hookSync', ''),
      download: ref('hookSync', ''),
      logs: ref('hookLogs', ''),
      wait: ref('hookWait', ''),
      os: text(''),
      background: flag(''),
      silent: flag(''),
      where: ref('hookWhere', ''),
    },
  },
  pullSecret: {
    add: {
      registry: text(''),
      username: text(''),
      password: text(''),
      email: text(''),
      secret: text(''),
      serviceAccounts: texts(''),
    },
  },
  command: {
    add: {
      description: text(''),
    },
  },
  variable: {
    add: {
      noCache: flag(''),
      default: anything(''),
      command: text(''),
      args: texts(''),
      commands: listOf('variableCommand', ''),
    },
  },
  profile: {
    add: {
      description: text(''),
      parents: listOf('profileParent', ''),
      replace: ref('profileConfigStructure', ''),
      merge: ref('profileConfigStructure', ''),
      strategicMerge: ref('profileConfigStructure', ''),
    },
  },
  build: {
    add: {
      buildKit: ref('buildKit', ''),
    },
  },
  helm: {
    add: {
      displayOutput: flag(''),
      deleteArgs: texts(''),
      templateArgs: texts(''),
      upgradeArgs: texts(''),
      fetchArgs: texts(''),
    },
  },
  portForwarding: {
    add: {
      containerName: text(''),
      arch: oneOf(['amd64', 'arm64'], ''),
      reverseForward: listOf('portMapping', ''),
    },
  },
  sync: {
    add: {
      initialSyncCompareBy: oneOf(['mtime', 'size'], ''),
      arch: oneOf(['amd64', 'arm64'], ''),
      throttleChangeDetection: number(''),
    },
  },
  logs: {
    add: {
      sync: choice(''),
      selectors: listOf('logsSelector', ''),
    },
  },
  source: {
    add: {
      configName: text(''),
    },
  },
  dependencyVar: {
    add: {
      name: text(''),
      value: text(''),
    },
  },
  hookSync: {
    add: {
      localPath: text(''),
      containerPath: text(''),
    },
  },
  hookLogs: {
    add: {
      tailLines: number(''),
    },
  },
  hookWait: {
    add: {
      running: flag(''),
      terminatedWithCode: number(''),
      timeout: count(''),
    },
  },
  hookWhere: {
    add: {
      container: ref('hookContainer', ''),
    },
  },
  hookWhen: {
    add: {
      onError: ref('hookWhenAt', ''),
    },
  },
  variableCommand: {
    add: {
      command: text(''),
      args: texts(''),
      os: text(''),
    },
  },
  profileParent: {
    add: {
      source: ref('source', ''),
      profile: text(''),
    },
  },
  profileConfigStructure: {
    add: {
      images: freeMap(''),
      deployments: items(''),
      dev: freeMap(''),
      dependencies: items(''),
      hooks: items(''),
      pullSecrets: items(''),
      commands: items(''),
      vars: items(''),
    },
  },
  docker: {
    add: {
      useCli: flag(''),
    },
  },
  kaniko: {
    add: {
      initImage: text(''),
      command: texts(''),
      skipPullSecretMount: flag(''),
      nodeSelector: textMap(''),
      serviceAccount: text(''),
      annotations: textMap(''),
      labels: textMap(''),
      initEnv: textMap(''),
      env: textMap(''),
      envFrom: mapOfFree(''),
      resources: ref('kanikoPodResources', ''),
    },
  },
  buildKit: {
    add: {
      skipPush: choice(''),
      preferMinikube: choice(''),
      inCluster: ref('buildKitInCluster', ''),
      args: texts(''),
      command: texts(''),
      options: ref('buildOptions', ''),
    },
  },
  custom: {
    add: {
      commands: listOf('customConfigCommand', ''),
      imageTagOnly: flag(''),
      skipImageArg: flag(''),
    },
  },
  syncOnUpload: {
    add: {
      restartContainer: flag(''),
    },
  },
  logsSelector: {
    add: {
      labelSelector: textMap(''),
      namespace: text(''),
      containerName: text(''),
    },
  },
  terminal: {
    add: {
      workDir: text(''),
    },
  },
  hookContainer: {
    add: {
      labelSelector: textMap(''),
      pod: text(''),
      namespace: text(''),
      imageName: text(''),
      containerName: text(''),
      wait: choice(''),
      timeout: count(''),
    },
  },
  hookWhenAt: {
    add: {
      purgeDeployments: text(''),
      dependencies: text(''),
      pullSecrets: text(''),
    },
  },
  kanikoPodResources: {
    add: {
      requests: textMap(''),
      limits: textMap(''),
    },
  },
  buildKitInCluster: {
    add: {
      name: text(''),
      namespace: text(''),
      rootless: flag(''),
      image: text(''),
      nodeSelector: text(''),
      noCreate: flag(''),
      noRecreate: flag(''),
      noLoad: flag(''),
      createArgs: texts(''),
    },
  },
  customConfigCommand: {
    add: {
      command: text(''),
      os: text(''),
    },
  },
  syncExecCommand: {
    add: {
      onBatch: ref('syncCommand', ''),
    },
  },
});
