import { schemaOf } from '../schema/groups.ts';
import { v1beta8 as tree } from '../schema/v1beta8.ts';
import { changeEntries } from './data.ts';
import type { ConfigVersion } from './version.ts';

export const v1beta8: ConfigVersion = {
  name: 'v1beta8',
  get schema() {
    return schemaOf(tree);
  },
  upgrade: (data) => changeEntries(data, 'images', (image) => ({ ...image, preferSyncOverRebuild: true })),
};
