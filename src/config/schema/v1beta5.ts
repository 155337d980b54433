import { flag, text } from './fields.ts';
import { evolve, type Groups } from './groups.ts';
import { v1beta4 } from './v1beta4.ts';

/** The key tree of `v1beta5`: what changed since `v1beta4`. */
export const v1beta5: Groups = evolve(v1beta4, {
  helm: {
    add: {
      atomic: flag('Undo the release when it fails.'),
      cleanupOnFail: flag('Delete new objects when the release fails.'),
      recreate: flag('Restart the pods.'),
      disableHooks: flag("Do not run the chart's hooks."),
      driver: text('Where Helm keeps its state.'),
      v2: flag('Use Helm 2.'),
    },
    remove: ['rollback'],
  },
});
