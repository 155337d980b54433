import { schemaOf } from '../schema/groups.ts';
import { v1alpha4 as tree } from '../schema/v1alpha4.ts';
import { changeItems, changeMap, rename } from './data.ts';
import type { ConfigVersion } from './version.ts';

export const v1alpha4: ConfigVersion = {
  name: 'v1alpha4',
  get schema() {
    return schemaOf(tree);
  },
  upgrade: (data, { moved }) =>
    changeMap(data, 'dev', (dev) =>
      changeItems(dev, 'ports', (ports, index) => {
        moved(['dev', 'ports', index, 'forward'], ['dev', 'ports', index, 'portMappings']);
        const renamed = rename(ports, 'portMappings', 'forward');
        return changeItems(renamed, 'forward', (mapping, at) => {
          const from = ['dev', 'ports', index, 'portMappings', at, 'localPort'];
          moved(['dev', 'ports', index, 'forward', at, 'port'], from);
          return rename(mapping, 'localPort', 'port');
        });
      }),
    ),
};
