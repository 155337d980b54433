import { schemaOf } from '../schema/groups.ts';
import { v1beta4 as tree } from '../schema/v1beta4.ts';
import { changeItems, changeMap, isOn, without } from './data.ts';
import type { ConfigVersion } from './version.ts';

export const v1beta4: ConfigVersion = {
  name: 'v1beta4',
  get schema() {
    return schemaOf(tree);
  },
  upgrade: (data, { moved }) =>
    changeItems(data, 'deployments', (deployment, index) => {
      moved(['deployments', index, 'helm', 'atomic'], ['deployments', index, 'helm', 'rollback']);
      return changeMap(deployment, 'helm', (helm) => ({
        ...without(helm, 'rollback'),
        v2: true,
        atomic: isOn(helm, 'rollback'),
      }));
    }),
};
