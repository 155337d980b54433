import { oneOf, text, texts } from './fields.ts';
import { evolve, type Groups } from './groups.ts';
import { v1beta6 } from './v1beta6.ts';

/** The key tree of `v1beta7`: what changed since `v1beta6`. */
export const v1beta7: Groups = evolve(v1beta6, {
  image: {
    add: {
      tags: texts('Tags of the image; `#` stands for a random letter. Without tags each build gets one of its own.'),
    },
    remove: ['tag'],
  },
  profile: {
    add: {
      parent: text('Profile whose changes come first.'),
    },
  },
  kubectl: {
    add: {
      deleteArgs: texts('More arguments for deleting.'),
      createArgs: texts('More arguments for `kubectl create`, which turns manifests into objects.'),
    },
  },
  sync: {
    add: {
      initialSync: oneOf(
        ['mirrorLocal', 'mirrorRemote', 'preferLocal', 'preferRemote', 'preferNewest', 'keepAll', 'disabled'],
        'Which side wins in the first sync.',
      ),
    },
    remove: ['downloadOnInitialSync'],
  },
  custom: {
    add: {
      appendArgs: texts('Arguments after the image.'),
    },
  },
});
