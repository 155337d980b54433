import { choice } from './fields.ts';
import { evolve, type Groups } from './groups.ts';
import { v1beta3 } from './v1beta3.ts';

/** The key tree of `v1beta4`: what changed since `v1beta3`. */
export const v1beta4: Groups = evolve(v1beta3, {
  deployment: {
    remove: ['component'],
  },
  helm: {
    add: {
      componentChart: choice('Deploy the component chart.'),
    },
  },
  docker: {
    add: {
      useBuildKit: choice('Build with BuildKit.'),
    },
  },
});
