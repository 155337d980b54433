import { anything, choice, flag, number, oneOf, text, texts } from './fields.ts';
import { evolve, type Groups, listOf, mapOf, ref } from './groups.ts';
import { v1beta2 } from './v1beta2.ts';

/** The key tree of `v1beta3`: what changed since `v1beta2`. */
export const v1beta3: Groups = evolve(v1beta2, {
  config: {
    add: {
      commands: listOf('command', ''),
      vars: listOf('variable', ''),
      profiles: listOf('profile', ''),
    },
    remove: ['cluster'],
  },
  image: {
    add: {
      entrypoint: texts(''),
      cmd: texts(''),
    },
  },
  dev: {
    add: {
      open: listOf('open', ''),
      logs: ref('logs', ''),
      interactive: ref('interactive', ''),
    },
    remove: ['overrideImages', 'terminal', 'selectors'],
  },
  dependency: {
    add: {
      profile: text(''),
    },
    remove: ['config'],
  },
  command: {
    add: {
      name: text(''),
      command: text(''),
    },
  },
  variable: {
    add: {
      name: text(''),
      question: text(''),
      options: texts(''),
      password: flag(''),
      validationPattern: text(''),
      validationMessage: text(''),
      default: text(''),
      source: oneOf(['all', 'env', 'input', 'command', 'none'], ''),
    },
  },
  profile: {
    add: {
      name: text(''),
      patches: listOf('patch', ''),
      replace: ref('replace', ''),
    },
  },
  component: {
    add: {
      initContainers: listOf('container', ''),
    },
  },
  helm: {
    add: {
      replaceImageTags: choice(''),
    },
    remove: ['devSpaceValues'],
  },
  kubectl: {
    add: {
      replaceImageTags: choice(''),
    },
  },
  portForwarding: {
    add: {
      imageName: text(''),
    },
    remove: ['selector'],
  },
  open: {
    add: {
      url: text(''),
    },
  },
  sync: {
    add: {
      imageName: text(''),
      downloadOnInitialSync: choice(''),
    },
    remove: ['selector'],
  },
  logs: {
    add: {
      disabled: choice(''),
      showLast: number(''),
      images: texts(''),
    },
  },
  interactive: {
    add: {
      defaultEnabled: choice(''),
      images: listOf('interactiveImage', ''),
      terminal: ref('terminal', ''),
    },
  },
  patch: {
    add: {
      op: text(''),
      path: text(''),
      value: anything(''),
      from: text(''),
    },
  },
  replace: {
    add: {
      images: mapOf('image', ''),
      deployments: listOf('deployment', ''),
      dev: ref('dev', ''),
      dependencies: listOf('dependency', ''),
      hooks: listOf('hook', ''),
    },
  },
  container: {
    add: {
      stdin: flag(''),
      tty: flag(''),
    },
  },
  componentConfigOptions: {
    add: {
      replaceImageTags: choice(''),
    },
  },
  interactiveImage: {
    add: {
      name: text(''),
      entrypoint: texts(''),
      cmd: texts(''),
    },
  },
  terminal: {
    add: {
      imageName: text(''),
    },
    remove: ['disabled', 'selector'],
  },
  ingressRule: {
    add: {
      serviceName: text(''),
    },
  },
});
