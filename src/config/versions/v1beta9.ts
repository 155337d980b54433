import { schemaOf } from '../schema/groups.ts';
import { v1beta9 as tree } from '../schema/v1beta9.ts';
import {
  changeEntries,
  changeItems,
  changeMap,
  isOn,
  listAt,
  mapAt,
  mapOrNothing,
  textAt,
  textsAt,
  without,
} from './data.ts';
import { type LegacyOverride, legacyOf, withLegacy } from './legacy.ts';
import type { ConfigVersion, Data, UpgradeContext } from './version.ts';

/** The format of DevSpace 4 and early 5. Sync polls and does not wait, unless the file says otherwise. */
export const v1beta9: ConfigVersion = {
  name: 'v1beta9',
  get schema() {
    return schemaOf(tree);
  },
  upgrade(data, context) {
    const syncedImages = listAt(mapAt(data, 'dev'), 'sync').map((sync) => textAt(sync, 'imageName'));
    let upgraded = changeEntries(data, 'images', (image, name) =>
      toImage({ image, isSynced: syncedImages.includes(name) }),
    );
    upgraded = changeItems(upgraded, 'dependencies', (dependency, index) =>
      textAt(dependency, 'name') === '' ? { ...dependency, name: String(index) } : dependency,
    );
    upgraded = changeMap(upgraded, 'dev', (dev) => toDev(dev, context));
    return withInteractive(upgraded, mapOrNothing(mapAt(data, 'dev'), 'interactive'));
  },
};

function toImage({ image, isSynced }: { image: Data; isSynced: boolean }): Data {
  const rest = without(image, 'tagsAppendRandom', 'preferSyncOverRebuild');
  const ignoresContext = isOn(image, 'preferSyncOverRebuild') && isSynced;
  return {
    ...rest,
    ...(isOn(image, 'tagsAppendRandom') ? { tags: textsAt(image, 'tags').map((tag) => `${tag}-#####`) } : {}),
    ...(ignoresContext ? { rebuildStrategy: 'ignoreContextChanges' } : {}),
  };
}

function toDev(dev: Data, { moved }: UpgradeContext): Data {
  const withSync = changeItems(dev, 'sync', (sync) => ({ waitInitialSync: false, ...sync, polling: true }));
  const interactive = mapOrNothing(dev, 'interactive');
  const result = without(withSync, 'interactive');
  if (!interactive) return result;
  const isEnabled = isOn(interactive, 'defaultEnabled');
  const terminal = mapOrNothing(interactive, 'terminal');
  moved(['dev', 'terminal'], ['dev', 'interactive', 'terminal']);
  moved(['dev', 'deprecatedInteractiveEnabled'], ['dev', 'interactive', 'defaultEnabled']);
  moved(['dev', 'deprecatedInteractiveImages'], ['dev', 'interactive', 'images']);
  return {
    ...result,
    ...(terminal ? { terminal: { ...terminal, ...(isEnabled ? {} : { disabled: true }) } } : {}),
    ...(isEnabled ? { deprecatedInteractiveEnabled: true } : {}),
    ...(interactive.images === undefined ? {} : { deprecatedInteractiveImages: interactive.images }),
  };
}

/** Interactive mode replaces entrypoints and opens a terminal. What DevSpace 3 said about it is known already. */
function withInteractive(data: Data, interactive: Data | undefined): Data {
  if (!interactive || legacyOf(data).overrideImages) return data;
  const isEnabled = isOn(interactive, 'defaultEnabled');
  return withLegacy(data, {
    terminal: { disabled: !isEnabled },
    ...(isEnabled ? { overrideImages: listAt(interactive, 'images').map(toOverride) } : {}),
  });
}

function toOverride(image: Data): LegacyOverride {
  return {
    name: textAt(image, 'name'),
    ...(image.entrypoint === undefined ? {} : { entrypoint: textsAt(image, 'entrypoint') }),
    ...(image.cmd === undefined ? {} : { cmd: textsAt(image, 'cmd') }),
  };
}
