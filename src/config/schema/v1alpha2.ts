import { choice, number, text, textMap, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1alpha1 } from './v1alpha1.ts';

/** The key tree of `v1alpha2`: what changed since `v1alpha1`. */
export const v1alpha2: Groups = evolve(v1alpha1, {
  config: {
    add: {
      dev: ref('dev', 'The development services.'),
      deployments: listOf('deployment', 'What is deployed, in this order.'),
    },
    remove: ['devSpace', 'registries', 'tiller', 'internalRegistry'],
  },
  dev: {
    add: {
      terminal: ref('terminal', 'A terminal in a container.'),
      autoReload: ref('autoReload', 'What to watch, in order to build and deploy again.'),
      overrideImages: listOf('imageOverride', 'Images that run another program for the time of development.'),
      selectors: listOf('selector', 'Named selectors; a single one is the default.'),
      ports: listOf('portForwarding', 'Ports of pods that are reachable on this machine.'),
      sync: listOf('sync', 'Folders that are kept equal.'),
    },
  },
  deployment: {
    remove: ['autoReload'],
  },
  image: {
    add: {
      image: text('Name of the image without a tag, such as `registry.example.com/team/app`.'),
      insecure: choice('Push over plain HTTP, and do not check certificates.'),
    },
    remove: ['name', 'registry', 'autoReload'],
  },
  terminal: {
    add: {
      selector: text('Name under `selectors`.'),
    },
    remove: ['service', 'resourceType'],
  },
  autoReload: {
    add: {
      paths: texts('Patterns of files that are watched.'),
      deployments: texts('Deployments that are watched.'),
      images: texts('Images that are watched.'),
    },
    remove: ['disabled'],
  },
  imageOverride: {
    add: {
      name: text('Key under `images`.'),
      entrypoint: texts("What runs in place of the image's own program."),
    },
  },
  selector: {
    add: {
      name: text('Other parts refer to the selector by this name.'),
      namespace: text('Namespace; the current one without it.'),
      labelSelector: textMap('Labels of the pod.'),
      containerName: text('Name of the container; not needed for pods with one.'),
    },
  },
  portForwarding: {
    add: {
      selector: text('Name under `selectors`.'),
    },
    remove: ['service', 'resourceType'],
  },
  sync: {
    add: {
      selector: text('Name under `selectors`.'),
    },
    remove: ['service'],
  },
  helm: {
    add: {
      timeout: number('How long Helm waits.'),
      overrides: texts('Files with values.'),
    },
    remove: ['devOverwrite', 'override'],
  },
  cluster: {
    remove: ['cloudProviderDeployTarget'],
  },
});
