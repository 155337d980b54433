import { anything, choice, flag, text, textMap, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta9 } from './v1beta9.ts';

/** The key tree of `v1beta10`: what changed since `v1beta9`. */
export const v1beta10: Groups = evolve(v1beta9, {
  config: {
    add: {
      require: ref('require', 'Versions of tools without which the project does not work.'),
    },
  },
  require: {
    add: {
      devspace: text('Range of DevSpace versions that will do.'),
      commands: listOf('requireCommand', 'Programs that must be there.'),
      plugins: listOf('requirePlugin', 'Plugins that must be there.'),
    },
  },
  variable: {
    add: {
      value: anything('A fixed value.'),
    },
  },
  image: {
    remove: ['tagsAppendRandom', 'preferSyncOverRebuild'],
  },
  dev: {
    add: {
      terminal: ref('terminal', 'A terminal in a container.'),
      replacePods: listOf('replacePod', 'Pods that are replaced for the time of development.'),
      deprecatedInteractiveEnabled: flag('Interactive mode of older versions.'),
      deprecatedInteractiveImages: listOf('interactiveImage', 'Interactive images of older versions.'),
    },
    remove: ['interactive'],
  },
  command: {
    add: {
      args: texts('Arguments; with these the command is run without a shell.'),
      appendArgs: choice('Hand further arguments of the call to the command.'),
    },
  },
  profile: {
    add: {
      activation: listOf('profileActivation', 'Conditions that switch the profile on; any one of them will do.'),
    },
  },
  dependency: {
    add: {
      profiles: texts('Profiles of the dependency to switch on.'),
      disableProfileActivation: flag("Do not let the dependency's profiles switch themselves on."),
      overwriteVars: choice('Hand all variables of this project to the dependency.'),
      dev: ref('dependencyDev', 'Which development services of the dependency to start.'),
    },
  },
  requireCommand: {
    add: {
      name: text('The program, as found in PATH.'),
      versionArgs: texts('Arguments with which the program tells its version; `version` without them.'),
      versionRegEx: text('Regular expression that finds the version in the output.'),
      version: text('Range of versions that will do, such as `>= 1.20`.'),
    },
  },
  requirePlugin: {
    add: {
      name: text('Name of the plugin.'),
      version: text('Range of versions that will do, such as `>= 1.0`.'),
    },
  },
  portForwarding: {
    add: {
      name: text('A name of your choice.'),
      imageSelector: text('Image of the container, with which the pod is found.'),
    },
  },
  sync: {
    add: {
      name: text('A name of your choice.'),
      imageSelector: text('Image of the container, with which the pod is found.'),
      excludeFile: text('File with paths that are not synced.'),
      downloadExcludeFile: text('File with paths that are not downloaded.'),
      uploadExcludeFile: text('File with paths that are not uploaded.'),
      polling: flag('Look for changes in the container at intervals instead of being told by its system.'),
    },
  },
  terminal: {
    add: {
      imageSelector: text('Image of the container, with which the pod is found.'),
      disabled: flag('Do not open the terminal.'),
    },
  },
  replacePod: {
    add: {
      imageName: text('Key under `images` with which the pod is found.'),
      imageSelector: text('Image of the container, with which the pod is found.'),
      labelSelector: textMap('Labels of the pod.'),
      containerName: text('Name of the container; not needed for pods with one.'),
      namespace: text('Namespace; the current one without it.'),
      replaceImage: text('Image of the container, for the time of development.'),
      patches: listOf('patch', 'Changes to the pod for the time of development.'),
    },
  },
  profileActivation: {
    add: {
      env: textMap('Environment variables and the regular expressions that their values must match.'),
    },
  },
  dependencyDev: {
    add: {
      ports: flag("Forward the dependency's ports."),
      sync: flag("Sync the dependency's folders."),
      replacePods: flag("Replace the dependency's pods."),
    },
  },
  logsSelector: {
    add: {
      imageSelector: text('Image of the container, with which the pod is found.'),
    },
  },
  hookContainer: {
    add: {
      imageSelector: text('Image of the container, with which the pod is found.'),
    },
  },
  hookWhenAt: {
    add: {
      initialSync: text('`all`, or names of sync entries.'),
    },
  },
});
