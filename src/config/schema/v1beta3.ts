import { anything, choice, flag, number, oneOf, text, texts } from './fields.ts';
import { evolve, type Groups, listOf, mapOf, ref } from './groups.ts';
import { v1beta2 } from './v1beta2.ts';

/** The key tree of `v1beta3`: what changed since `v1beta2`. */
export const v1beta3: Groups = evolve(v1beta2, {
  config: {
    add: {
      commands: listOf('command', 'Commands of the project, run with `devspace run NAME`.'),
      vars: listOf('variable', 'Variables that `${NAME}` stands for.'),
      profiles: listOf('profile', 'Changes to this file that can be switched on by name.'),
    },
    remove: ['cluster'],
  },
  image: {
    add: {
      entrypoint: texts("Takes the place of the Dockerfile's ENTRYPOINT."),
      cmd: texts("Takes the place of the Dockerfile's CMD."),
    },
  },
  dev: {
    add: {
      open: listOf('open', 'Pages to open in the browser.'),
      logs: ref('logs', 'Logs of containers.'),
      interactive: ref('interactive', 'Interactive mode: other entrypoints and a terminal.'),
    },
    remove: ['overrideImages', 'terminal', 'selectors'],
  },
  dependency: {
    add: {
      profile: text('Profile of the dependency to switch on.'),
    },
    remove: ['config'],
  },
  command: {
    add: {
      name: text('Name of the command; the key under `commands` counts.'),
      command: text('What to run.'),
    },
  },
  variable: {
    add: {
      name: text('Name of the variable.'),
      question: text('What to ask when there is no value yet.'),
      options: texts('Answers to choose from.'),
      password: flag('Hide the answer while it is typed.'),
      validationPattern: text('Regular expression that the answer must match.'),
      validationMessage: text('What to say when it does not.'),
      default: text('Value to offer, or to take when nobody can be asked.'),
      source: oneOf(['all', 'env', 'input', 'command', 'none'], 'Where the value comes from.'),
    },
  },
  profile: {
    add: {
      name: text('Name for `--profile`.'),
      patches: listOf('patch', 'Single changes, in this order.'),
      replace: ref('replace', "Sections that take the place of the file's."),
    },
  },
  component: {
    add: {
      initContainers: listOf('container', 'Containers that run before the others.'),
    },
  },
  helm: {
    add: {
      replaceImageTags: choice('Put the tags that were just built into the manifests.'),
    },
    remove: ['devSpaceValues'],
  },
  kubectl: {
    add: {
      replaceImageTags: choice('Put the tags that were just built into the manifests.'),
    },
  },
  portForwarding: {
    add: {
      imageName: text('Key under `images` with which the pod is found.'),
    },
    remove: ['selector'],
  },
  open: {
    add: {
      url: text('Page to open in the browser once it answers.'),
    },
  },
  sync: {
    add: {
      imageName: text('Key under `images` with which the pod is found.'),
      downloadOnInitialSync: choice('Download files that are only in the container.'),
    },
    remove: ['selector'],
  },
  logs: {
    add: {
      disabled: choice('Do not show logs.'),
      showLast: number('How many older lines are shown first.'),
      images: texts("Keys under `images` whose containers' logs are shown."),
    },
  },
  interactive: {
    add: {
      defaultEnabled: choice('Start in interactive mode without asking for it.'),
      images: listOf('interactiveImage', 'Images that get another entrypoint in interactive mode.'),
      terminal: ref('terminal', 'A terminal in a container.'),
    },
  },
  patch: {
    add: {
      op: text('What to do there: `add`, `replace` or `remove`.'),
      path: text('Where to change something, such as `images.app.tags` or `/spec/replicas`.'),
      value: anything('The new value; not for `remove`.'),
      from: text('Source of the value for operations that have one.'),
    },
  },
  replace: {
    add: {
      images: mapOf('image', 'Images.'),
      deployments: listOf('deployment', 'Deployments.'),
      dev: ref('dev', 'Development services.'),
      dependencies: listOf('dependency', 'Dependencies.'),
      hooks: listOf('hook', 'Hooks.'),
    },
  },
  container: {
    add: {
      stdin: flag('Keep standard input open.'),
      tty: flag('Give the container a terminal.'),
    },
  },
  componentConfigOptions: {
    add: {
      replaceImageTags: choice('Put the tags that were just built into the manifests.'),
    },
  },
  interactiveImage: {
    add: {
      name: text('Key under `images`.'),
      entrypoint: texts("Takes the place of the Dockerfile's ENTRYPOINT."),
      cmd: texts("Takes the place of the Dockerfile's CMD."),
    },
  },
  terminal: {
    add: {
      imageName: text('Key under `images` with which the pod is found.'),
    },
    remove: ['disabled', 'selector'],
  },
  ingressRule: {
    add: {
      serviceName: text('Service that gets the requests.'),
    },
  },
});
