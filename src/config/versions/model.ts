import { normalize } from '../schema/normalize.ts';
import { withoutEmpty } from '../schema/print-shape.ts';
import { type Model, v2beta1 } from '../schema/v2beta1.ts';
import { changeEntries, isData, mapAt, mapOrNothing, textAt, textsAt, without } from './data.ts';
import { parseImageName } from './image-name.ts';
import { toProjectName } from './names.ts';
import type { Data } from './version.ts';

/** A document of the newest version, short forms written out. A tag in an image name becomes its first tag. */
export function toModel(data: Data): Model {
  let model = data;
  model = withFullForm(model, 'pipelines', (run) => ({ run }));
  model = withFullForm(model, 'commands', (command) => ({ command }));
  model = withFullForm(model, 'vars', toVariable);
  model = normalize(v2beta1, model);
  for (const section of [
    'images',
    'deployments',
    'dev',
    'dependencies',
    'pipelines',
    'commands',
    'pullSecrets',
    'vars',
  ]) {
    model = changeEntries(model, section, (entry) => without(entry, 'name'));
  }
  model = changeEntries(model, 'dev', (pod) =>
    changeEntries(pod, 'containers', (entry) => without(entry, 'container')),
  );
  return changeEntries(model, 'images', withTagApart);
}

/** The model with the name of its folder, where the file gives none. */
export function withName(model: Model, folder: string): Model {
  return model.name === undefined || model.name === '' ? { ...model, name: toProjectName(folder) } : model;
}

/**
 * What `devspace print --skip-info` of DevSpace 6.3.21 shows: nothing that is empty; no imports, requirements, profiles
 * and variables, which have done their work. Only the `.env` file that the upgrade writes down stays.
 */
export function toPrintShape(model: Model): Data {
  const envFile = mapOrNothing(mapAt({ ...model }, 'vars'), 'DEVSPACE_ENV_FILE');
  const isUpgraded = envFile !== undefined && textAt(envFile, 'value') === '.env' && envFile.alwaysResolve === false;
  const printed = without({ ...model }, 'imports', 'profiles', 'require', 'vars');
  return withoutEmpty(v2beta1, isUpgraded ? { ...printed, vars: { DEVSPACE_ENV_FILE: envFile } } : printed);
}

function withFullForm(data: Data, section: string, toFull: (short: string) => Data): Data {
  const entries = mapOrNothing(data, section);
  if (!entries) return data;
  const full = Object.entries(entries).map(([name, entry]): [string, unknown] => [
    name,
    isData(entry) || entry === null ? entry : toFull(String(entry as string | number | boolean)),
  ]);
  return { ...data, [section]: Object.fromEntries(full) };
}

/** `$(command)` runs the command, anything else is the value itself. */
function toVariable(text: string): Data {
  return text.startsWith('$(') && text.endsWith(')') ? { command: text.slice(2, -1) } : { value: text };
}

function withTagApart(image: Data): Data {
  const { repository, tag } = parseImageName(textAt(image, 'image'));
  return tag === '' ? image : { ...image, image: repository, tags: [tag, ...textsAt(image, 'tags')] };
}
