import { schemaOf } from '../schema/groups.ts';
import { v1beta5 as tree } from '../schema/v1beta5.ts';
import { changeEntries, changeMap, rename } from './data.ts';
import type { ConfigVersion } from './version.ts';

export const v1beta5: ConfigVersion = {
  name: 'v1beta5',
  get schema() {
    return schemaOf(tree);
  },
  upgrade: (data, { moved }) =>
    changeEntries(data, 'images', (image, name) => {
      moved(['images', name, 'build', 'custom', 'args'], ['images', name, 'build', 'custom', 'flags']);
      return changeMap(image, 'build', (build) =>
        changeMap(build, 'custom', (custom) => rename(custom, 'flags', 'args')),
      );
    }),
};
