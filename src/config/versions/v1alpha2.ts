import { schemaOf } from '../schema/groups.ts';
import { v1alpha2 as tree } from '../schema/v1alpha2.ts';
import { changeEntries, changeMap, rename } from './data.ts';
import type { ConfigVersion } from './version.ts';

export const v1alpha2: ConfigVersion = {
  name: 'v1alpha2',
  get schema() {
    return schemaOf(tree);
  },
  upgrade: (data, { moved }) =>
    changeEntries(data, 'images', (image, name) => {
      moved(['images', name, 'build', 'dockerfile'], ['images', name, 'build', 'dockerfilePath']);
      moved(['images', name, 'build', 'context'], ['images', name, 'build', 'contextPath']);
      return changeMap(image, 'build', (build) =>
        rename(rename(build, 'dockerfilePath', 'dockerfile'), 'contextPath', 'context'),
      );
    }),
};
