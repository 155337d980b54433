import { choice, number, text, texts } from './fields.ts';
import { evolve, type Groups, listOf } from './groups.ts';
import { v1alpha4 } from './v1alpha4.ts';

/** The key tree of `v1beta1`: what changed since `v1alpha4`. */
export const v1beta1: Groups = evolve(v1alpha4, {
  config: {
    add: {
      name: text(''),
    },
  },
  kubectl: {
    add: {
      kustomize: choice(''),
      flags: texts(''),
    },
  },
  portForwarding: {
    add: {
      forward: listOf('portMapping', ''),
    },
    remove: ['portMappings'],
  },
  sync: {
    add: {
      waitInitialSync: choice(''),
    },
  },
  kaniko: {
    add: {
      flags: texts(''),
    },
  },
  portMapping: {
    add: {
      port: number(''),
    },
    remove: ['localPort'],
  },
});
