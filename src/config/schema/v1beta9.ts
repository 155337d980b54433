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
  usuallyOneOf,
} from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta8 } from './v1beta8.ts';

/** The key tree of `v1beta9`: what changed since `v1beta8`. */
export const v1beta9: Groups = evolve(v1beta8, {
  config: {
    add: {
      pullSecrets: listOf('pullSecret', 'Logins of registries that the cluster pulls from.'),
    },
  },
  image: {
    add: {
      tagsAppendRandom: flag('Add random letters to each tag.'),
      preferSyncOverRebuild: flag('Do not build again for files that sync takes care of.'),
      injectRestartHelper: flag('Build a helper into the image with which sync restarts the program.'),
      restartHelperPath: text('File or address of another restart helper.'),
      appendDockerfileInstructions: texts('Lines to add at the end of the Dockerfile.'),
      rebuildStrategy: oneOf(
        ['default', 'always', 'ignoreContextChanges'],
        'When to build again: after any change, always, or not for changes of the context alone.',
      ),
    },
  },
  dependency: {
    add: {
      profileParents: texts('Profiles of the dependency to switch on before.'),
      vars: listOf('dependencyVar', "Values of the dependency's variables."),
    },
  },
  hook: {
    add: {
      upload: ref('hookSync', 'Copy files into a container.'),
      download: ref('hookSync', 'Copy files from a container.'),
      logs: ref('hookLogs', 'Show logs of a container.'),
      wait: ref('hookWait', 'Wait for a container.'),
      os: text('Operating systems to run on, such as `darwin,linux`.'),
      background: flag('Do not wait for the action.'),
      silent: flag('Show the output only when it fails.'),
      where: ref('hookWhere', 'Where to run.'),
    },
  },
  pullSecret: {
    add: {
      registry: text('Host of the registry.'),
      username: text('Login; without it the one of Docker on this machine.'),
      password: text('Password or token.'),
      email: text('E-mail address of the login.'),
      secret: text('Name of the Kubernetes Secret to write.'),
      serviceAccounts: texts('ServiceAccounts that get the login; `default` without it.'),
    },
  },
  command: {
    add: {
      description: text('A line for the list of commands.'),
    },
  },
  variable: {
    add: {
      noCache: flag('Do not remember the answer.'),
      default: anything('Value to offer, or to take when nobody can be asked.'),
      command: text('Program whose output is the value.'),
      args: texts('Arguments; with these the command is run without a shell.'),
      commands: listOf('variableCommand', 'Programs by operating system; the first that fits is run.'),
    },
  },
  profile: {
    add: {
      description: text('A line for the list of profiles.'),
      parents: listOf('profileParent', 'Profiles whose changes come first.'),
      replace: ref('profileConfigStructure', "Sections that take the place of the file's."),
      merge: ref(
        'profileConfigStructure',
        "Sections that are merged into the file's: maps key by key, lists as a whole.",
      ),
      strategicMerge: ref(
        'profileConfigStructure',
        "Sections that are merged into the file's: lists by the names of their items.",
      ),
    },
  },
  build: {
    add: {
      buildKit: ref('buildKit', 'Build with BuildKit.'),
    },
  },
  helm: {
    add: {
      displayOutput: flag('Show what Helm prints.'),
      deleteArgs: texts('More arguments for deleting.'),
      templateArgs: texts('More arguments for `helm template`.'),
      upgradeArgs: texts('More arguments for `helm upgrade`.'),
      fetchArgs: texts('More arguments for fetching the chart.'),
    },
  },
  portForwarding: {
    add: {
      containerName: text('Name of the container; not needed for pods with one.'),
      arch: usuallyOneOf(['amd64', 'arm64'], 'Processor of the container; found out without it.'),
      reverseForward: listOf('portMapping', 'Ports of this machine that are reachable in the container.'),
    },
  },
  sync: {
    add: {
      initialSyncCompareBy: usuallyOneOf(['mtime', 'size'], 'How the first sync finds changed files.'),
      arch: usuallyOneOf(['amd64', 'arm64'], 'Processor of the container; found out without it.'),
      throttleChangeDetection: number('Pause between looks for changes, in milliseconds.'),
    },
  },
  logs: {
    add: {
      sync: choice('Show synced files among the logs.'),
      selectors: listOf('logsSelector', 'Containers whose logs are shown.'),
    },
  },
  source: {
    add: {
      configName: text('File name of the configuration, where it is not `devspace.yaml`.'),
    },
  },
  dependencyVar: {
    add: {
      name: text('Name of the variable.'),
      value: text('Value of the variable.'),
    },
  },
  hookSync: {
    add: {
      localPath: text('Path on this machine.'),
      containerPath: text('Path in the container.'),
    },
  },
  hookLogs: {
    add: {
      tailLines: number('How many lines are shown.'),
    },
  },
  hookWait: {
    add: {
      running: flag('Wait until the container runs.'),
      terminatedWithCode: number('Wait until the container has ended with this code.'),
      timeout: count('How many seconds to wait.'),
    },
  },
  hookWhere: {
    add: {
      container: ref('hookContainer', 'The container for the action.'),
    },
  },
  hookWhen: {
    add: {
      onError: ref('hookWhenAt', 'When these steps fail.'),
    },
  },
  variableCommand: {
    add: {
      command: text('Program for this operating system.'),
      args: texts('Arguments; with these the command is run without a shell.'),
      os: text('Operating system: `darwin`, `linux` or `windows`.'),
    },
  },
  profileParent: {
    add: {
      source: ref('source', 'Where the other file comes from.'),
      profile: text('Name of the profile.'),
    },
  },
  profileConfigStructure: {
    add: {
      images: freeMap('Images.'),
      deployments: items('Deployments.'),
      dev: freeMap('Development services.'),
      dependencies: items('Dependencies.'),
      hooks: items('Hooks.'),
      pullSecrets: items('Logins of registries.'),
      commands: items('Commands of the project.'),
      vars: items('Variables.'),
    },
  },
  docker: {
    add: {
      useCli: flag("Call the `docker` program instead of the engine's API."),
    },
  },
  kaniko: {
    add: {
      initImage: text('Image that receives the build context.'),
      command: texts("Command in place of the image's own."),
      skipPullSecretMount: flag("Build without the registry's login."),
      nodeSelector: textMap('Labels of the nodes to build on.'),
      serviceAccount: text('ServiceAccount of the build pod.'),
      annotations: textMap('Annotations of the build pod.'),
      labels: textMap('Labels of the build pod.'),
      initEnv: textMap('Environment of the init container.'),
      env: textMap('Environment of the build container.'),
      envFrom: mapOfFree('Environment from other sources, by the name of the variable, as in Kubernetes.'),
      resources: ref('kanikoPodResources', 'Requests and limits of the build pod.'),
    },
  },
  buildKit: {
    add: {
      skipPush: choice('Build without pushing.'),
      preferMinikube: choice('Build with the Docker engine inside minikube, if that is the cluster.'),
      inCluster: ref('buildKitInCluster', 'Build inside the cluster.'),
      args: texts('More arguments for the build command.'),
      command: texts('Build command in place of `docker buildx`.'),
      options: ref('buildOptions', 'Options of the build itself.'),
    },
  },
  custom: {
    add: {
      commands: listOf('customConfigCommand', 'Programs by operating system.'),
      imageTagOnly: flag('Hand over the tag without the image name.'),
      skipImageArg: flag('Do not hand over the image at all.'),
    },
  },
  syncOnUpload: {
    add: {
      restartContainer: flag('Restart the program in the container after an upload.'),
    },
  },
  logsSelector: {
    add: {
      labelSelector: textMap('Labels of the pod.'),
      namespace: text('Namespace; the current one without it.'),
      containerName: text('Name of the container; not needed for pods with one.'),
    },
  },
  terminal: {
    add: {
      workDir: text('Folder to start in.'),
    },
  },
  hookContainer: {
    add: {
      labelSelector: textMap('Labels of the pod.'),
      pod: text('Name of the pod.'),
      namespace: text('Namespace of the pod.'),
      imageName: text('Key under `images` with which the pod is found.'),
      containerName: text('Name of the container; not needed for pods with one.'),
      wait: choice('Whether to wait until the container runs.'),
      timeout: count('How many seconds to wait for the container.'),
    },
  },
  hookWhenAt: {
    add: {
      purgeDeployments: text('`all`, or names of deployments.'),
      dependencies: text('`all`.'),
      pullSecrets: text('`all`.'),
    },
  },
  kanikoPodResources: {
    add: {
      requests: textMap('What the scheduler sets aside, such as `cpu: 100m`.'),
      limits: textMap('What must not be exceeded, such as `memory: 1Gi`.'),
    },
  },
  buildKitInCluster: {
    add: {
      name: text('Name of the builder.'),
      namespace: text('Namespace of the builder.'),
      rootless: flag('Run BuildKit without root rights.'),
      image: text('Image of BuildKit.'),
      nodeSelector: text('Labels of the nodes to build on.'),
      noCreate: flag('Fail when the builder is not there instead of making it.'),
      noRecreate: flag('Keep a builder that differs from this section.'),
      noLoad: flag('Leave the result in the builder instead of loading it into Docker.'),
      createArgs: texts('More arguments for `docker buildx create`.'),
    },
  },
  customConfigCommand: {
    add: {
      command: text('Program for this operating system.'),
      os: text('Operating system: `darwin`, `linux` or `windows`.'),
    },
  },
  syncExecCommand: {
    add: {
      onBatch: ref('syncCommand', 'What to run after each upload.'),
    },
  },
});
