import { choice, text } from './fields.ts';
import { evolve, type Groups } from './groups.ts';
import { v1alpha2 } from './v1alpha2.ts';

/** The key tree of `v1alpha3`: what changed since `v1alpha2`. */
export const v1alpha3: Groups = evolve(v1alpha2, {
  cluster: {
    remove: ['cloudProvider'],
  },
  imageOverride: {
    add: {
      dockerfile: text(''),
      context: text(''),
    },
  },
  helm: {
    add: {
      force: choice(''),
    },
  },
  build: {
    add: {
      context: text(''),
      dockerfile: text(''),
    },
    remove: ['contextPath', 'dockerfilePath'],
  },
  kaniko: {
    add: {
      snapshotMode: text(''),
    },
  },
});
