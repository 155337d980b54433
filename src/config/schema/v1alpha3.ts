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
      dockerfile: text('Another Dockerfile for the time of development.'),
      context: text('Another folder for the time of development.'),
    },
  },
  helm: {
    add: {
      force: choice('Replace objects that cannot be changed.'),
    },
  },
  build: {
    add: {
      context: text('Folder that is sent to the build.'),
      dockerfile: text('Path of the Dockerfile.'),
    },
    remove: ['contextPath', 'dockerfilePath'],
  },
  kaniko: {
    add: {
      snapshotMode: text('How kaniko finds changed files: `full`, `redo` or `time`.'),
    },
  },
});
