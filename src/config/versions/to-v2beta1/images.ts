import { defined, isData, isOn, listAt, mapAt, mapOrNothing, only, textAt, without } from '../data.ts';
import { parseImageName } from '../image-name.ts';
import { toSafeName } from '../names.ts';
import type { Data, UpgradeContext } from '../version.ts';

/** Build engines move up one level, their options to the image itself. */
export function toImages(data: Data, context: UpgradeContext): Data {
  return Object.fromEntries(
    imageEntries(data).map(([key, image]) => {
      const name = toSafeName(key);
      tellOrigins({ key, name, context });
      return [name, toImage(image)];
    }),
  );
}

/** The images that are not switched off, by the names that the newest version gives them. */
export function builtImages(data: Data): string[] {
  return imageEntries(data)
    .filter(([, image]) => !isOn(mapAt(image, 'build'), 'disabled'))
    .map(([key]) => toSafeName(key));
}

export function disabledImages(data: Data): string[] {
  const built = builtImages(data);
  return imageEntries(data).flatMap(([key]) => (built.includes(toSafeName(key)) ? [] : [toSafeName(key)]));
}

/**
 * The pull secrets of the file, then one for each registry that an image of the file comes from. Docker Hub needs none,
 * and neither does an image with `createPullSecret: false`.
 */
export function toPullSecrets(data: Data, { moved }: UpgradeContext): { secrets: Data; ensured: string[] } {
  const secrets: Record<string, Data> = {};
  const ensured: string[] = [];
  const registries = new Set<string>();
  for (const [index, secret] of listAt(data, 'pullSecrets').entries()) {
    const name = `pull-secret-${String(index)}`;
    moved(['pullSecrets', name], ['pullSecrets', index]);
    secrets[name] = without(secret, 'disabled');
    registries.add(textAt(secret, 'registry'));
    if (!isOn(secret, 'disabled')) ensured.push(name);
  }
  for (const [key, image] of imageEntries(data)) {
    const { registry } = parseImageName(textAt(image, 'image'));
    if (registry === '' || image.createPullSecret === false || registries.has(registry)) continue;
    const name = toSafeName(key);
    moved(['pullSecrets', name], ['images', key]);
    secrets[name] = { registry };
    registries.add(registry);
    ensured.push(name);
  }
  return { secrets, ensured };
}

const imageEntries = (data: Data): [string, Data][] =>
  Object.entries(mapAt(data, 'images')).filter((entry): entry is [string, Data] => isData(entry[1]));

function toImage(image: Data): Data {
  const build = mapAt(image, 'build');
  const docker = mapOrNothing(build, 'docker');
  const buildKit = mapOrNothing(build, 'buildKit');
  const options = [buildKit, docker, mapOrNothing(build, 'kaniko')]
    .map((engine) => engine && mapOrNothing(engine, 'options'))
    .find((found) => found !== undefined);
  const strategy = textAt(image, 'rebuildStrategy');
  return defined({
    ...without(image, 'build', 'injectRestartHelper'),
    injectLegacyRestartHelper: image.injectRestartHelper,
    rebuildStrategy: strategy === '' ? 'default' : strategy,
    ...only(options ?? {}, 'network', 'buildArgs', 'target'),
    skipPush: [docker, buildKit].some((engine) => engine && isOn(engine, 'skipPush')),
    docker: docker && without(docker, 'skipPush', 'options'),
    buildKit: buildKit && without(buildKit, 'skipPush', 'options'),
    custom: toCustom(mapOrNothing(build, 'custom')),
    kaniko: toKaniko(mapOrNothing(build, 'kaniko')),
  });
}

/** The older versions hand the image to the command; the newest does so only when told. */
function toCustom(custom: Data | undefined): Data | undefined {
  if (!custom) return undefined;
  return isOn(custom, 'skipImageArg') ? without(custom, 'skipImageArg') : { ...custom, skipImageArg: false };
}

function toKaniko(kaniko: Data | undefined): Data | undefined {
  return kaniko && { ...without(kaniko, 'options'), cache: kaniko.cache !== false };
}

function tellOrigins({ key, name, context }: { key: string; name: string; context: UpgradeContext }): void {
  const { moved } = context;
  moved(['images', name], ['images', key]);
  for (const engine of ['kaniko', 'docker', 'buildKit', 'custom']) {
    moved(['images', name, engine], ['images', key, 'build', engine]);
  }
  moved(['images', name, 'injectLegacyRestartHelper'], ['images', key, 'injectRestartHelper']);
}
