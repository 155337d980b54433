import { oneOf, text, texts } from './fields.ts';
import { evolve, type Groups } from './groups.ts';
import { v1beta6 } from './v1beta6.ts';

/** The key tree of `v1beta7`: what changed since `v1beta6`. */
export const v1beta7: Groups = evolve(v1beta6, {
  image: {
    add: {
      tags: texts(''),
    },
    remove: ['tag'],
  },
  profile: {
    add: {
      parent: text(''),
    },
  },
  kubectl: {
    add: {
      deleteArgs: texts(''),
      createArgs: texts(''),
    },
  },
  sync: {
    add: {
      initialSync: oneOf(
        ['mirrorLocal', 'mirrorRemote', 'preferLocal', 'preferRemote', 'preferNewest', 'keepAll', 'disabled'],
        '',
      ),
    },
    remove: ['downloadOnInitialSync'],
  },
  custom: {
    add: {
      appendArgs: texts(''),
    },
  },
});
