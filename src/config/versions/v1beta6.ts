import { schemaOf } from '../schema/groups.ts';
import { v1beta6 as tree } from '../schema/v1beta6.ts';
import { changeEntries, changeItems, changeMap, isOn, textAt, without } from './data.ts';
import type { ConfigVersion, Data } from './version.ts';

export const v1beta6: ConfigVersion = {
  name: 'v1beta6',
  get schema() {
    return schemaOf(tree);
  },
  upgrade(data, { moved }) {
    const withImages = changeEntries(data, 'images', (image, name) => {
      moved(['images', name, 'tags'], ['images', name, 'tag']);
      const tag = textAt(image, 'tag');
      return tag === '' ? without(image, 'tag') : { ...without(image, 'tag'), tags: [tag] };
    });
    return changeMap(withImages, 'dev', (dev) =>
      changeItems(dev, 'sync', (sync, index) => {
        moved(['dev', 'sync', index, 'initialSync'], ['dev', 'sync', index, 'downloadOnInitialSync']);
        return withInitialSync(sync);
      }),
    );
  },
};

function withInitialSync(sync: Data): Data {
  const rest = without(sync, 'downloadOnInitialSync');
  return isOn(sync, 'downloadOnInitialSync') ? { ...rest, initialSync: 'preferLocal' } : rest;
}
