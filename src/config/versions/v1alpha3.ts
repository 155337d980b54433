import { schemaOf } from '../schema/groups.ts';
import { v1alpha3 as tree } from '../schema/v1alpha3.ts';
import { changeItems, changeMap, rename, without } from './data.ts';
import type { ConfigVersion } from './version.ts';

export const v1alpha3: ConfigVersion = {
  name: 'v1alpha3',
  get schema() {
    return schemaOf(tree);
  },
  upgrade: (data, { moved }) =>
    changeItems(data, 'deployments', (deployment, index) => {
      const helm = ['deployments', index, 'helm'];
      moved([...helm, 'chart'], [...helm, 'chartPath']);
      moved([...helm, 'values'], [...helm, 'overrideValues']);
      moved([...helm, 'valuesFiles'], [...helm, 'overrides']);
      return changeMap(deployment, 'helm', (from) => {
        const named = rename(rename(from, 'overrides', 'valuesFiles'), 'overrideValues', 'values');
        const chart = from.chartPath === undefined ? {} : { chart: { name: from.chartPath } };
        return { ...without(named, 'chartPath'), ...chart };
      });
    }),
};
