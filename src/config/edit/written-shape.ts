import { type Problem, warningAt } from '../diagnostics.ts';
import { child, type Node, stringAt } from '../document/node.ts';
import { toProfiles } from '../profiles/select.ts';
import type { Model } from '../schema/v2beta1.ts';
import { without } from '../versions/data.ts';
import { toPrintShape } from '../versions/model.ts';
import { toSafeName } from '../versions/names.ts';
import type { Data } from '../versions/version.ts';

/**
 * The upgraded model as a person would write it, without its profiles: without what the upgrade wrote out although it
 * says nothing, but with the sections that loading uses up. Variables that older versions asked for although nothing
 * defines them are defined.
 */
export function toWrittenShape(model: Model, before: Data, addedVariables: readonly string[]): Data {
  const shown = toPrintShape(model);
  const images = entriesOf(shown.images).map(([name, image]): [string, unknown] => [
    name,
    asData(image).rebuildStrategy === 'default' ? without(asData(image), 'rebuildStrategy') : image,
  ]);
  const isNamed = JSON.stringify(before.vars ?? '').includes('DEVSPACE_ENV_FILE');
  const vars = entriesOf(model.vars)
    .filter(([name]) => name !== 'DEVSPACE_ENV_FILE' || isNamed)
    .map(([name, variable]): [string, unknown] => [
      name,
      asData(variable).alwaysResolve === true ? variable : without(asData(variable), 'alwaysResolve'),
    ]);
  for (const name of addedVariables) vars.push([name, { question: `Please enter a value for ${name}` }]);
  const kept = ['imports', 'require'].filter((name) => before[name] !== undefined);
  return {
    ...without(shown, 'vars'),
    ...(vars.length > 0 ? { vars: Object.fromEntries(vars) } : {}),
    ...(images.length > 0 ? { images: Object.fromEntries(images) } : {}),
    ...Object.fromEntries(kept.map((name) => [name, asData(model)[name]])),
  };
}

/** What a person must look at after the update. */
export function updateWarnings(root: Node, doubtfulProfiles: readonly string[]): Problem[] {
  const images = child(root, 'images');
  const entries = images?.kind === 'mapping' ? [...images.entries] : [];
  const unknownRegistries = entries.flatMap(([name, { value }]) => {
    const image = child(value, 'image');
    const create = child(value, 'createPullSecret');
    const isOff = create?.kind === 'scalar' && create.value === false;
    if (!image || isOff || !(stringAt(value, 'image') ?? '').includes('${')) return [];
    const message = 'the registry stands in a variable: add an entry to `pullSecrets` if it needs a login';
    return [warningAt(image.span, ['images', name, 'image'], message)];
  });
  const doubtful = toProfiles(child(root, 'profiles')).filter(({ name }) => doubtfulProfiles.includes(name));
  const profiles = doubtful.map(({ name, node }) => {
    const message = `the profile ${name} cannot be translated as a whole: check that it does what it did`;
    return warningAt(node.span, ['profiles', name], message);
  });
  return [...unknownRegistries, ...profiles];
}

/** The profiles part by part. Their patches lead to the new places of deployments and the like. */
export function translatedProfiles(model: Model, before: Data): Data[] {
  const old = listOf(before.profiles);
  return listOf(asData(model).profiles).map((profile, index) => {
    const patches = listOf(asData(old[index]).patches);
    if (patches.length === 0) return asData(profile);
    return { ...asData(profile), patches: patches.map((patch) => movedPatch(asData(patch), before)) };
  });
}

/** `deployments[0].helm` and `deployments.name=app.helm` become `deployments.app.helm`. */
function movedPatch(patch: Data, before: Data): Data {
  const path = typeof patch.path === 'string' ? patch.path : '';
  const match =
    /^\/?(deployments|dependencies|vars|commands|pullSecrets)(?:\[(\d+)\]|\/(\d+)|\.name=([^.[\]]+))(?=[./[]|$)(.*)$/s.exec(
      path,
    );
  if (!match) return patch;
  const [, section = '', bracket, slash, named, rest = ''] = match;
  const index = bracket ?? slash;
  const entry = index === undefined ? undefined : asData(listOf(before[section])[Number(index)]);
  const name = named ?? (typeof entry?.name === 'string' ? entry.name : undefined);
  if (name === undefined) return patch;
  const safe = section === 'vars' ? name : toSafeName(name);
  return { ...patch, path: `${section}.${safe}${rest.replaceAll('/', '.')}` };
}

function entriesOf(data: unknown): [string, unknown][] {
  return Object.entries(asData(data));
}

function listOf(data: unknown): unknown[] {
  return Array.isArray(data) ? data.map((item: unknown) => item) : [];
}

function asData(data: unknown): Data {
  return typeof data === 'object' && data !== null ? { ...data } : {};
}
