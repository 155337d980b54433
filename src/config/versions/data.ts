import type { Data } from './version.ts';

/*
 * Access to documents whose types the strict check has made sure of. A key that is absent gives the empty value of its
 * type.
 */

export function mapAt(data: Data, key: string): Data {
  const value = data[key];
  return isData(value) ? value : {};
}

export function mapOrNothing(data: Data, key: string): Data | undefined {
  const value = data[key];
  return isData(value) ? value : undefined;
}

export function listAt(data: Data, key: string): readonly Data[] {
  const value = data[key];
  return Array.isArray(value) ? value.filter(isData) : [];
}

export function textAt(data: Data, key: string): string {
  const value = data[key];
  return typeof value === 'string' ? value : '';
}

export function textsAt(data: Data, key: string): readonly string[] {
  const value = data[key];
  return Array.isArray(value) ? value.map(String) : [];
}

export function numberAt(data: Data, key: string): number | undefined {
  const value = data[key];
  return typeof value === 'number' ? value : undefined;
}

export const isOn = (data: Data, key: string): boolean => data[key] === true;

export const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The map without the named keys; the same map where it has none of them. */
export function without(data: Data, ...keys: readonly string[]): Data {
  if (!keys.some((key) => Object.hasOwn(data, key))) return data;
  return Object.fromEntries(Object.entries(data).filter(([key]) => !keys.includes(key)));
}

/** The named keys only, as far as they are there. */
export function only(data: Data, ...keys: readonly string[]): Data {
  return Object.fromEntries(keys.filter((key) => data[key] !== undefined).map((key) => [key, data[key]]));
}

/** The map without keys whose value is undefined. */
export function defined(data: Data): Data {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}

/** Changes each entry of the map under a key. Nothing happens where there is no such map. */
export function changeEntries(data: Data, key: string, change: (entry: Data, name: string) => Data): Data {
  const entries = mapOrNothing(data, key);
  if (!entries) return data;
  const changed = Object.entries(entries).map(([name, entry]) => [name, isData(entry) ? change(entry, name) : entry]);
  return { ...data, [key]: Object.fromEntries(changed) as Data };
}

/** Changes each item of the list under a key. Nothing happens where there is no such list. */
export function changeItems(data: Data, key: string, change: (item: Data, index: number) => Data): Data {
  const items = data[key];
  if (!Array.isArray(items)) return data;
  return { ...data, [key]: items.map((item: unknown, index) => (isData(item) ? change(item, index) : item)) };
}

/** Changes the map under a key. Nothing happens where there is none. */
export function changeMap(data: Data, key: string, change: (map: Data) => Data): Data {
  const value = mapOrNothing(data, key);
  return value ? { ...data, [key]: change(value) } : data;
}

/** Gives a key another name. */
export function rename(data: Data, from: string, to: string): Data {
  return data[from] === undefined ? data : { ...without(data, from), [to]: data[from] };
}
