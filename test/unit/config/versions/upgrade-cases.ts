import type { Data } from '../../../../src/config/versions/version.ts';

export interface Step {
  /** The version that the data is of. */
  readonly from: string;
  readonly title: string;
  readonly data: Data;
  /** Part of the next version's data. */
  readonly result: Data;
  /** Keys that the result must not have, as `a.b`. */
  readonly gone?: readonly string[];
  /** Messages that are reported, as parts. */
  readonly reports?: readonly string[];
}

/** What each step does, one promise a row. */
export const steps: readonly Step[] = [
  {
    from: 'v1alpha1',
    title: 'what stood under devSpace moves to the top and to dev',
    data: {
      devSpace: {
        deployments: [{ name: 'app', kubectl: { manifests: ['kube'] } }],
        sync: [{ service: 'default', containerPath: '/app' }],
        ports: [{ service: 'default', resourceType: 'pod', portMappings: [{ localPort: 1, remotePort: 2 }] }],
        terminal: { service: 'default', command: ['sh'] },
        services: [{ name: 'default', resourceType: 'pod', labelSelector: { app: 'app' } }],
      },
    },
    result: {
      deployments: [{ name: 'app', kubectl: { manifests: ['kube'] } }],
      dev: {
        sync: [{ selector: 'default', containerPath: '/app' }],
        ports: [{ selector: 'default', portMappings: [{ localPort: 1, remotePort: 2 }] }],
        terminal: { selector: 'default', command: ['sh'] },
        selectors: [{ name: 'default', labelSelector: { app: 'app' } }],
        autoReload: { deployments: ['app'] },
      },
    },
    gone: ['devSpace'],
  },
  {
    from: 'v1alpha1',
    title: 'the registry becomes part of the image name, its login is dropped',
    data: {
      images: { app: { name: 'me/app', registry: 'main', autoReload: { disabled: true } } },
      registries: { main: { url: 'r.example.com', auth: { username: 'u', password: 'p' } } },
    },
    result: { images: { app: { image: 'r.example.com/me/app' } } },
    gone: ['registries', 'dev.autoReload'],
    reports: ['docker login'],
  },
  {
    from: 'v1alpha1',
    title: 'a registry that is not there is an error',
    data: { images: { app: { name: 'me/app', registry: 'internal' } }, internalRegistry: { deploy: true } },
    result: { images: { app: { image: 'me/app' } } },
    reports: ['is not deployed any more', 'there is no registry `internal`'],
  },
  {
    from: 'v1alpha1',
    title: 'Tiller and value files go to each chart',
    data: {
      tiller: { namespace: 'tools' },
      devSpace: {
        deployments: [{ name: 'app', helm: { chartPath: 'chart', devOverwrite: 'dev.yaml', override: 'values.yaml' } }],
      },
    },
    result: { deployments: [{ helm: { chartPath: 'chart', overrides: ['values.yaml'], tillerNamespace: 'tools' } }] },
    gone: ['tiller'],
    reports: ['`override` takes the place'],
  },
  {
    from: 'v1alpha2',
    title: 'paths of the build lose their ending',
    data: { images: { app: { image: 'a', build: { dockerfilePath: 'D', contextPath: 'c' } } } },
    result: { images: { app: { build: { dockerfile: 'D', context: 'c' } } } },
    gone: ['images.app.build.dockerfilePath', 'images.app.build.contextPath'],
  },
  {
    from: 'v1alpha3',
    title: 'the chart gets a name, overrides become values',
    data: {
      deployments: [{ name: 'a', helm: { chartPath: 'chart', overrides: ['v.yaml'], overrideValues: { a: 1 } } }],
    },
    result: { deployments: [{ helm: { chart: { name: 'chart' }, valuesFiles: ['v.yaml'], values: { a: 1 } } }] },
    gone: ['deployments.0.helm.chartPath'],
  },
  {
    from: 'v1alpha4',
    title: 'port mappings are called forward',
    data: { dev: { ports: [{ selector: 's', portMappings: [{ localPort: 1, remotePort: 2, bindAddress: 'x' }] }] } },
    result: { dev: { ports: [{ selector: 's', forward: [{ port: 1, remotePort: 2, bindAddress: 'x' }] }] } },
    gone: ['dev.ports.0.portMappings'],
  },
  {
    from: 'v1beta1',
    title: 'build settings go to the image and to the engine',
    data: {
      cluster: { kubeContext: 'c', apiServer: 'https://x' },
      images: {
        app: { image: 'a', skipPush: true, build: { dockerfile: 'D', context: 'c', options: { target: 't' } } },
        other: { image: 'b', insecure: true, build: { kaniko: { cache: true }, options: { network: 'host' } } },
      },
    },
    result: {
      cluster: { kubeContext: 'c' },
      images: {
        app: { dockerfile: 'D', context: 'c', build: { docker: { skipPush: true, options: { target: 't' } } } },
        other: { build: { kaniko: { cache: true, insecure: true, options: { network: 'host' } } } },
      },
    },
    gone: ['cluster.apiServer', 'images.app.skipPush', 'images.other.insecure', 'images.other.build.docker'],
  },
  {
    from: 'v1beta2',
    title: 'named selectors are filled in',
    data: {
      dev: {
        selectors: [{ name: 's', labelSelector: { a: 'b' }, namespace: 'n', containerName: 'c' }],
        ports: [{ selector: 's', forward: [{ port: 1 }] }],
        sync: [{ selector: 's', containerPath: '/app' }],
        terminal: { selector: 's', command: ['sh'] },
      },
    },
    result: {
      dev: {
        ports: [{ labelSelector: { a: 'b' }, namespace: 'n', forward: [{ port: 1 }] }],
        sync: [{ labelSelector: { a: 'b' }, namespace: 'n', containerName: 'c', containerPath: '/app' }],
        interactive: {
          defaultEnabled: true,
          terminal: { labelSelector: { a: 'b' }, namespace: 'n', containerName: 'c', command: ['sh'] },
        },
      },
    },
    gone: ['dev.selectors', 'dev.terminal', 'dev.sync.0.selector', 'dev.ports.0.containerName'],
  },
  {
    from: 'v1beta2',
    title: 'image overrides become interactive images, and stay what they are for the engines',
    data: { dev: { overrideImages: [{ name: 'app', entrypoint: ['sleep', '9', '8'], dockerfile: 'D' }] } },
    result: {
      dev: { interactive: { images: [{ name: 'app', entrypoint: ['sleep'], cmd: ['9', '8'] }] } },
      legacy: { overrideImages: [{ name: 'app', entrypoint: ['sleep', '9', '8'], cmd: [], dockerfile: 'D' }] },
    },
    gone: ['dev.overrideImages'],
  },
  {
    from: 'v1beta2',
    title: 'a selector that is not there is an error with a suggestion',
    data: { dev: { selectors: [{ name: 'default' }], sync: [{ selector: 'defualt' }] } },
    result: { dev: { sync: [{}] } },
    reports: ['there is no selector `defualt`'],
  },
  {
    from: 'v1beta2',
    title: 'defaults that changed are written down; cluster is kept apart',
    data: {
      cluster: { kubeContext: 'c', namespace: 'n' },
      images: { app: { image: 'a' }, other: { image: 'b', createPullSecret: true } },
      deployments: [{ name: 'a', helm: { devSpaceValues: false } }],
      dependencies: [{ config: 'prod', source: { path: 'x' } }],
      dev: { terminal: { disabled: true } },
    },
    result: {
      images: { app: { createPullSecret: false }, other: { createPullSecret: true } },
      deployments: [{ helm: { replaceImageTags: false } }],
      dependencies: [{ profile: 'prod' }],
      dev: { interactive: { defaultEnabled: false } },
      legacy: { cluster: { kubeContext: 'c', namespace: 'n' }, terminal: { disabled: true } },
    },
    gone: ['cluster', 'dependencies.0.config'],
    reports: ['newer versions have no `cluster`'],
  },
  {
    from: 'v1beta3',
    title: 'a component becomes the component chart',
    data: {
      deployments: [{ name: 'a', component: { containers: [{ image: 'i' }], options: { wait: true, timeout: 9 } } }],
    },
    result: {
      deployments: [
        { helm: { componentChart: true, values: { containers: [{ image: 'i' }] }, wait: true, timeout: 9 } },
      ],
    },
    gone: ['deployments.0.component', 'deployments.0.helm.values.options'],
  },
  {
    from: 'v1beta3',
    title: 'the component chart by its old address is the component chart',
    data: {
      deployments: [
        {
          name: 'a',
          helm: { chart: { name: 'component-chart', repo: 'https://charts.devspace.cloud', version: 'v0.0.6' } },
        },
      ],
    },
    result: { deployments: [{ helm: { componentChart: true } }] },
    gone: ['deployments.0.helm.chart'],
  },
  {
    from: 'v1beta4',
    title: 'Helm 2 stays Helm 2; rollback is called atomic',
    data: { deployments: [{ name: 'a', helm: { rollback: true } }] },
    result: { deployments: [{ helm: { v2: true, atomic: true } }] },
    gone: ['deployments.0.helm.rollback'],
  },
  {
    from: 'v1beta5',
    title: 'flags of a custom build are called args',
    data: { images: { a: { image: 'a', build: { custom: { command: 'c', flags: ['-x'] } } } } },
    result: { images: { a: { build: { custom: { command: 'c', args: ['-x'] } } } } },
    gone: ['images.a.build.custom.flags'],
  },
  {
    from: 'v1beta6',
    title: 'the tag becomes a list; downloading first becomes a strategy',
    data: {
      images: { a: { image: 'a', tag: 't' } },
      dev: {
        sync: [
          { imageName: 'a', downloadOnInitialSync: true },
          { imageName: 'a', downloadOnInitialSync: false },
        ],
      },
    },
    result: {
      images: { a: { tags: ['t'] } },
      dev: { sync: [{ initialSync: 'preferLocal' }, { imageName: 'a' }] },
    },
    gone: ['images.a.tag', 'dev.sync.0.downloadOnInitialSync', 'dev.sync.1.initialSync'],
  },
  {
    from: 'v1beta7',
    title: 'flags of kaniko and kubectl are called args',
    data: {
      images: { a: { image: 'a', build: { kaniko: { flags: ['-x'] } } } },
      deployments: [{ name: 'd', kubectl: { flags: ['-y'] } }],
    },
    result: {
      images: { a: { build: { kaniko: { args: ['-x'] } } } },
      deployments: [{ kubectl: { applyArgs: ['-y'] } }],
    },
    gone: ['images.a.build.kaniko.flags', 'deployments.0.kubectl.flags'],
  },
  {
    from: 'v1beta8',
    title: 'sync goes before building again',
    data: { images: { a: { image: 'a' } } },
    result: { images: { a: { preferSyncOverRebuild: true } } },
  },
  {
    from: 'v1beta9',
    title: 'only a synced image ignores changes of its context',
    data: {
      images: {
        a: { image: 'a', preferSyncOverRebuild: true },
        b: { image: 'b', preferSyncOverRebuild: true, tags: ['x'], tagsAppendRandom: true },
      },
      dev: { sync: [{ imageName: 'a' }, { imageName: 'c', waitInitialSync: true }] },
    },
    result: {
      images: { a: { rebuildStrategy: 'ignoreContextChanges' }, b: { tags: ['x-#####'] } },
      dev: {
        sync: [
          { imageName: 'a', polling: true, waitInitialSync: false },
          { imageName: 'c', polling: true, waitInitialSync: true },
        ],
      },
    },
    gone: ['images.a.preferSyncOverRebuild', 'images.b.rebuildStrategy', 'images.b.tagsAppendRandom'],
  },
  {
    from: 'v1beta9',
    title: 'the interactive terminal stays closed unless interactive mode is the default',
    data: { dev: { interactive: { images: [{ name: 'a', cmd: ['x'] }], terminal: { imageName: 'a' } } } },
    result: {
      dev: { terminal: { imageName: 'a', disabled: true }, deprecatedInteractiveImages: [{ name: 'a', cmd: ['x'] }] },
    },
    gone: ['dev.interactive', 'dev.deprecatedInteractiveEnabled'],
  },
  {
    from: 'v1beta9',
    title: 'interactive mode by default opens the terminal and replaces entrypoints',
    data: {
      dev: { interactive: { defaultEnabled: true, images: [{ name: 'a', entrypoint: ['s'] }], terminal: {} } },
      dependencies: [{ source: { path: 'x' } }, { name: 'named', source: { path: 'y' } }],
    },
    result: {
      dev: { deprecatedInteractiveEnabled: true },
      dependencies: [{ name: '0' }, { name: 'named' }],
      legacy: { terminal: { disabled: false }, overrideImages: [{ name: 'a', entrypoint: ['s'] }] },
    },
    gone: ['dev.terminal.disabled'],
  },
  {
    from: 'v1beta10',
    title: 'image names become selectors',
    data: {
      dev: {
        replacePods: [{ imageName: 'a' }],
        ports: [{ imageName: 'a' }],
        sync: [{ imageName: 'a' }],
        terminal: { imageName: 'a' },
        logs: { images: ['a'], selectors: [{ labelSelector: { b: 'c' } }] },
      },
    },
    result: {
      dev: {
        replacePods: [{ imageSelector: 'image(a):tag(a)' }],
        ports: [{ imageSelector: 'image(a):tag(a)' }],
        sync: [{ imageSelector: 'image(a):tag(a)' }],
        terminal: { imageSelector: 'image(a):tag(a)' },
        logs: { selectors: [{ labelSelector: { b: 'c' } }, { imageSelector: 'image(a):tag(a)' }] },
      },
    },
    gone: ['dev.sync.0.imageName', 'dev.logs.images'],
  },
  {
    from: 'v1beta10',
    title: 'moments become events',
    data: {
      hooks: [
        {
          command: 'x',
          when: {
            before: { images: 'all', deployments: 'a, b', pullSecrets: 'all', dependencies: 'all' },
            after: { initialSync: 'all', purgeDeployments: 'all' },
            onError: { images: 'all' },
          },
          where: { container: { imageName: 'app', wait: true } },
        },
      ],
    },
    result: {
      hooks: [
        {
          command: 'x',
          events: [
            'after:purge',
            'after:initialSync:*',
            'before:build',
            'before:deploy:a',
            'before:deploy:b',
            'before:createPullSecrets',
            'before:deployDependencies',
            'error:build:*',
          ],
          container: { imageSelector: 'image(app):tag(app)', wait: true },
        },
      ],
    },
    gone: ['hooks.0.when', 'hooks.0.where', 'hooks.0.container.imageName'],
  },
  {
    from: 'v1beta10',
    title: 'old defaults are written down, a timeout is a duration',
    data: {
      dependencies: [{ name: 'a' }, { name: 'b', overwriteVars: false }],
      commands: [
        { name: 'c', command: 'x' },
        { name: 'd', command: 'x', appendArgs: false },
      ],
      deployments: [{ name: 'd', helm: { timeout: 180 } }],
    },
    result: {
      dependencies: [{ overwriteVars: true }, { overwriteVars: false }],
      commands: [{ appendArgs: true }, { appendArgs: false }],
      deployments: [{ helm: { timeout: '180s' } }],
    },
  },
];
