import { choice, number, text, textMap, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta1 } from './v1beta1.ts';

/** The key tree of `v1beta2`: what changed since `v1beta1`. */
export const v1beta2: Groups = evolve(v1beta1, {
  config: {
    add: {
      dependencies: listOf('dependency', ''),
      hooks: listOf('hook', ''),
    },
  },
  image: {
    add: {
      dockerfile: text(''),
      context: text(''),
    },
    remove: ['insecure', 'skipPush'],
  },
  dependency: {
    add: {
      source: ref('source', ''),
      config: text(''),
      skipBuild: choice(''),
      ignoreDependencies: choice(''),
      namespace: text(''),
    },
  },
  hook: {
    add: {
      command: text(''),
      args: texts(''),
      when: ref('hookWhen', ''),
    },
  },
  cluster: {
    remove: ['apiServer', 'caCert', 'user'],
  },
  build: {
    add: {
      custom: ref('custom', ''),
    },
    remove: ['dockerfile', 'context', 'options'],
  },
  component: {
    add: {
      labels: textMap(''),
      annotations: textMap(''),
      ingress: ref('ingress', ''),
      options: ref('componentConfigOptions', ''),
    },
  },
  source: {
    add: {
      git: text(''),
      subPath: text(''),
      branch: text(''),
      tag: text(''),
      revision: text(''),
      path: text(''),
    },
  },
  hookWhen: {
    add: {
      before: ref('hookWhenAt', ''),
      after: ref('hookWhenAt', ''),
    },
  },
  docker: {
    add: {
      skipPush: choice(''),
      disableFallback: choice(''),
      options: ref('buildOptions', ''),
    },
  },
  kaniko: {
    add: {
      insecure: choice(''),
      options: ref('buildOptions', ''),
    },
  },
  custom: {
    add: {
      command: text(''),
      flags: texts(''),
      imageFlag: text(''),
      onChange: texts(''),
    },
  },
  volume: {
    add: {
      labels: textMap(''),
      annotations: textMap(''),
    },
  },
  service: {
    add: {
      externalIPs: texts(''),
      labels: textMap(''),
      annotations: textMap(''),
    },
  },
  ingress: {
    add: {
      name: text(''),
      tls: text(''),
      labels: textMap(''),
      annotations: textMap(''),
      rules: listOf('ingressRule', ''),
    },
  },
  componentConfigOptions: {
    add: {
      wait: choice(''),
      rollback: choice(''),
      force: choice(''),
      timeout: number(''),
      tillerNamespace: text(''),
    },
  },
  hookWhenAt: {
    add: {
      images: text(''),
      deployments: text(''),
    },
  },
  ingressRule: {
    add: {
      host: text(''),
      servicePort: number(''),
      path: text(''),
      tls: text(''),
    },
  },
});
