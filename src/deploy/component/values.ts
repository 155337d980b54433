import { UserError } from '../../core/errors.ts';

/** A map of the component's values; what it holds is what the user wrote. */
export type Values = Readonly<Record<string, unknown>>;

/** The map under a key, empty if it is missing. Throws `DEPLOY_MANIFEST` for anything else. */
export function mapAt(values: Values, key: string): Values {
  const value = values[key] ?? {};
  if (isMap(value)) return value;
  throw wrong(key, 'a map');
}

/** The maps of the list under a key, none if it is missing. */
export function mapsAt(values: Values, key: string): Values[] {
  const value = values[key] ?? [];
  if (Array.isArray(value) && value.every(isMap)) return value;
  throw wrong(key, 'a list of maps');
}

/** The text under a key; numbers and switches as they are written. */
export function textAt(values: Values, key: string): string | undefined {
  const value = values[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw wrong(key, 'a text');
}

/** The texts of the map under a key, such as labels. */
export function textsAt(values: Values, key: string): Record<string, string> {
  const map = mapAt(values, key);
  return Object.fromEntries(Object.keys(map).map((name) => [name, textAt(map, name) ?? '']));
}

/** YAML and variables give `true` as a switch or as a text. */
export const isOn = (values: Values, key: string): boolean => values[key] === true || values[key] === 'true';

/** The keys that are there and say something, as they are. */
export function pick(values: Values, ...keys: string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => saysSomething(values[key])).map((key) => [key, values[key]]));
}

/** Everything but these keys that says something. */
export function pickOthers(values: Values, ...keys: string[]): Record<string, unknown> {
  return pick(values, ...Object.keys(values).filter((key) => !keys.includes(key)));
}

function saysSomething(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return !(Array.isArray(value) && value.length === 0);
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const wrong = (key: string, wanted: string): UserError =>
  new UserError('DEPLOY_MANIFEST', `\`${key}\` of a component must be ${wanted}.`);
