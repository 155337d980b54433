import { flag, text } from './fields.ts';
import { evolve, type Groups } from './groups.ts';
import { v1beta4 } from './v1beta4.ts';

/** The key tree of `v1beta5`: what changed since `v1beta4`. */
export const v1beta5: Groups = evolve(v1beta4, {
  helm: {
    add: {
      atomic: flag(''),
      cleanupOnFail: flag(''),
      recreate: flag(''),
      disableHooks: flag(''),
      driver: text(''),
      v2: flag(''),
    },
    remove: ['rollback'],
  },
});
