import { changeEntries, changeItems, changeMap, isData, listAt, textAt } from '../versions/data.ts';
import { hasVariable } from '../versions/image-name.ts';
import { toSafeName } from '../versions/names.ts';
import type { Data } from '../versions/version.ts';

/*
 * Names of deployments become keys of a map, and the registry of an image gets a pull secret: both must be known without
 * asking. A variable counts with its value, its default or its first option.
 */

/** The document with the names of its deployments filled in. */
export function withKnownNames(document: Data): Data {
  const values = knownValues(document);
  return changeItems(document, 'deployments', (deployment) => {
    const written = textAt(deployment, 'name');
    const name = fill(written, values);
    if (name === written) return deployment;
    return { ...deployment, name };
  });
}

/** The upgraded document, with the names that releases had where variables decide about them. */
export function withReleaseNames(written: Data, document: Data): Data {
  const values = knownValues(document);
  const names = listAt(document, 'deployments').map((deployment) => textAt(deployment, 'name'));
  const byKey = new Map(names.map((name) => [toSafeName(fill(name, values)), name]));
  return changeEntries(written, 'deployments', (deployment, key) => {
    const name = byKey.get(key) ?? key;
    const isDecided = isConstant(name, document);
    return isDecided ? deployment : changeMap(deployment, 'helm', (helm) => ({ releaseName: name, ...helm }));
  });
}

/** Nothing but `--var` can change it. */
function isConstant(text: string, document: Data): boolean {
  const constants = new Map([
    ...knownValues({ vars: listAt(document, 'vars').filter(({ value }) => value !== undefined) }),
  ]);
  return !hasVariable(fill(text, constants));
}

/** The document with the names of its images filled in. */
export function withKnownImages(document: Data): Data {
  const values = knownValues(document);
  return changeEntries(document, 'images', (image) => {
    const written = textAt(image, 'image');
    return written === '' ? image : { ...image, image: fill(written, values) };
  });
}

function knownValues({ vars }: Data): Map<string, string> {
  const values = new Map<string, string>();
  for (const definition of Array.isArray(vars) ? vars.filter(isData) : []) {
    const options: unknown[] = Array.isArray(definition.options) ? definition.options : [];
    const value: unknown = definition.value ?? definition.default ?? options[0];
    if (isScalar(value)) values.set(textAt(definition, 'name'), fill(String(value), values));
  }
  return values;
}

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** What is not known stays as it is written. */
function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$!?\{([\w.-]+)\}/g, (reference, name: string) => values.get(name) ?? reference);
}
