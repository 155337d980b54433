import { schemaOf } from '../schema/groups.ts';
import { v1beta7 as tree } from '../schema/v1beta7.ts';
import { changeEntries, changeItems, changeMap, rename } from './data.ts';
import type { ConfigVersion } from './version.ts';

export const v1beta7: ConfigVersion = {
  name: 'v1beta7',
  get schema() {
    return schemaOf(tree);
  },
  upgrade(data, { moved }) {
    const withImages = changeEntries(data, 'images', (image, name) => {
      moved(['images', name, 'build', 'kaniko', 'args'], ['images', name, 'build', 'kaniko', 'flags']);
      return changeMap(image, 'build', (build) =>
        changeMap(build, 'kaniko', (kaniko) => rename(kaniko, 'flags', 'args')),
      );
    });
    return changeItems(withImages, 'deployments', (deployment, index) => {
      moved(['deployments', index, 'kubectl', 'applyArgs'], ['deployments', index, 'kubectl', 'flags']);
      return changeMap(deployment, 'kubectl', (kubectl) => rename(kubectl, 'flags', 'applyArgs'));
    });
  },
};
