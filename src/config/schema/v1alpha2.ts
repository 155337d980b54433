import { choice, number, text, textMap, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1alpha1 } from './v1alpha1.ts';

/** The key tree of `v1alpha2`: what changed since `v1alpha1`. */
export const v1alpha2: Groups = evolve(v1alpha1, {
  config: {
    add: {
      dev: ref('dev', ''),
      deployments: listOf('deployment', ''),
    },
    remove: ['devSpace', 'registries', 'tiller', 'internalRegistry'],
  },
  dev: {
    add: {
      terminal: ref('terminal', ''),
      autoReload: ref('autoReload', ''),
      overrideImages: listOf('imageOverride', ''),
      selectors: listOf('selector', ''),
      ports: listOf('portForwarding', ''),
      sync: listOf('sync', ''),
    },
  },
  deployment: {
    remove: ['autoReload'],
  },
  image: {
    add: {
      image: text(''),
      insecure: choice(''),
    },
    remove: ['name', 'registry', 'autoReload'],
  },
  terminal: {
    add: {
      selector: text(''),
    },
    remove: ['service', 'resourceType'],
  },
  autoReload: {
    add: {
      paths: texts(''),
      deployments: texts(''),
      images: texts(''),
    },
    remove: ['disabled'],
  },
  imageOverride: {
    add: {
      name: text(''),
      entrypoint: texts(''),
    },
  },
  selector: {
    add: {
      name: text(''),
      namespace: text(''),
      labelSelector: textMap(''),
      containerName: text(''),
    },
  },
  portForwarding: {
    add: {
      selector: text(''),
    },
    remove: ['service', 'resourceType'],
  },
  sync: {
    add: {
      selector: text(''),
    },
    remove: ['service'],
  },
  helm: {
    add: {
      timeout: number(''),
      overrides: texts(''),
    },
    remove: ['devOverwrite', 'override'],
  },
});
