import { choice, number, text, texts } from './fields.ts';
import { evolve, type Groups, listOf } from './groups.ts';
import { v1alpha4 } from './v1alpha4.ts';

/** The key tree of `v1beta1`: what changed since `v1alpha4`. */
export const v1beta1: Groups = evolve(v1alpha4, {
  config: {
    add: {
      name: text('Name of the project. Without it the name of the folder is taken.'),
    },
  },
  kubectl: {
    add: {
      kustomize: choice('Build the manifests with kustomize.'),
      flags: texts('More arguments for `kubectl apply`.'),
    },
  },
  portForwarding: {
    add: {
      forward: listOf('portMapping', 'The ports.'),
    },
    remove: ['portMappings'],
  },
  sync: {
    add: {
      waitInitialSync: choice('Wait for the first sync before going on.'),
    },
  },
  kaniko: {
    add: {
      flags: texts('More arguments for kaniko.'),
    },
  },
  portMapping: {
    add: {
      port: number('Port on this machine.'),
    },
    remove: ['localPort'],
  },
});
