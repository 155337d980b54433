import { anything, choice, flag, text, textMap, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta9 } from './v1beta9.ts';

/** The key tree of `v1beta10`: what changed since `v1beta9`. */
export const v1beta10: Groups = evolve(v1beta9, {
  config: {
    add: {
      require: ref('require', ''),
    },
  },
  require: {
    add: {
      devspace: text(''),
      commands: listOf('requireCommand', ''),
      plugins: listOf('requirePlugin', ''),
    },
  },
  variable: {
    add: {
      value: anything(''),
    },
  },
  image: {
    remove: ['tagsAppendRandom', 'preferSyncOverRebuild'],
  },
  dev: {
    add: {
      terminal: ref('terminal', ''),
      replacePods: listOf('replacePod', ''),
      deprecatedInteractiveEnabled: flag(''),
      deprecatedInteractiveImages: listOf('interactiveImage', ''),
    },
    remove: ['interactive'],
  },
  command: {
    add: {
      args: texts(''),
      appendArgs: choice(''),
    },
  },
  profile: {
    add: {
      activation: listOf('profileActivation', ''),
    },
  },
  dependency: {
    add: {
      profiles: texts(''),
      disableProfileActivation: flag(''),
      overwriteVars: choice(''),
      dev: ref('dependencyDev', ''),
    },
  },
  requireCommand: {
    add: {
      name: text(''),
      versionArgs: texts(''),
      versionRegEx: text(''),
      version: text(''),
    },
  },
  requirePlugin: {
    add: {
      name: text(''),
      version: text(''),
    },
  },
  portForwarding: {
    add: {
      name: text(''),
      imageSelector: text(''),
    },
  },
  sync: {
    add: {
      name: text(''),
      imageSelector: text(''),
      excludeFile: text(''),
      downloadExcludeFile: text(''),
      uploadExcludeFile: text(''),
      polling: flag(''),
    },
  },
  terminal: {
    add: {
      imageSelector: text(''),
      disabled: flag(''),
    },
  },
  replacePod: {
    add: {
      imageName: text(''),
      imageSelector: text(''),
      labelSelector: textMap(''),
      containerName: text(''),
      namespace: text(''),
      replaceImage: text(''),
      patches: listOf('patch', ''),
    },
  },
  profileActivation: {
    add: {
      env: textMap(''),
    },
  },
  dependencyDev: {
    add: {
      ports: flag(''),
      sync: flag(''),
      replacePods: flag(''),
    },
  },
  logsSelector: {
    add: {
      imageSelector: text(''),
    },
  },
  hookContainer: {
    add: {
      imageSelector: text(''),
    },
  },
  hookWhenAt: {
    add: {
      initialSync: text(''),
    },
  },
});
