import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox';

/*
 * The words that the key trees are written in. Each makes a TypeBox schema, so that one source gives the type, the
 * strict check, the JSON schema and the docs.
 */

export const text = (description: string) => Type.String({ description });

/** A Boolean that counts as false when absent. */
export const flag = (description: string) => Type.Boolean({ description });

/** A Boolean where absent means something else than false. */
export const choice = (description: string) => Type.Boolean({ description, tristate: true });

/** A whole number that counts as 0 when absent. */
export const count = (description: string) => Type.Integer({ description });

/** A whole number where absent means something else than 0. */
export const number = (description: string) => Type.Integer({ description, tristate: true });

export const texts = (description: string) => Type.Array(Type.String(), { description });

/** Names to strings, such as labels. */
export const textMap = (description: string) => Type.Record(Type.String(), Type.String(), { description });

/** Names to strings, or to nothing, which is not the same as an empty string. */
export const openTextMap = (description: string) =>
  Type.Record(Type.String(), Type.Unsafe<string | null>({ type: 'string', nullable: true }), { description });

/** Any YAML value. */
export const anything = (description: string) => Type.Unknown({ description });

/** A list of any YAML values. */
export const items = (description: string) => Type.Array(Type.Unknown(), { description });

/** A map that belongs to somebody else, such as Kubernetes or a chart. */
export const freeMap = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });

export const freeMaps = (description: string) =>
  Type.Array(Type.Record(Type.String(), Type.Unknown()), { description });

export const mapOfFree = (description: string) =>
  Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), { description });

/** One of a few words. */
export const oneOf = <const Word extends string>(words: readonly Word[], description: string) =>
  Type.Unsafe<Word>({ type: 'string', enum: [...words], description });

/** One of a few words; another one is only warned about, as the original lets it pass. */
export const usuallyOneOf = <const Word extends string>(words: readonly Word[], description: string) =>
  Type.Unsafe<Word | (string & {})>({ ...oneOf(words, description), isOpen: true });

export const list = <Item extends TSchema>(item: Item, description: string) => Type.Array(item, { description });

export const map = <Item extends TSchema>(item: Item, description: string) =>
  Type.Record(Type.String(), item, { description });

export interface ObjectOptions {
  readonly description?: string;
  /** Keys without which the map makes no sense. The type has them as optional all the same. */
  readonly required?: readonly string[];
  /** Keys without which the map has no effect; it is only warned about, as the original lets it pass. */
  readonly expected?: readonly string[];
  /** Keys that `devspace print` shows even when they are absent, as empty strings. */
  readonly printed?: readonly string[];
}

/** A map with known keys only. */
export function object<Fields extends TProperties>(fields: Fields, options: ObjectOptions = {}) {
  return Type.Unsafe<{ [Key in keyof Fields]?: Static<Fields[Key]> }>({
    type: 'object',
    ...(options.description === undefined ? {} : { description: options.description }),
    properties: fields,
    ...(options.required === undefined ? {} : { required: [...options.required] }),
    ...(options.expected === undefined ? {} : { expected: [...options.expected] }),
    ...(options.printed === undefined ? {} : { printed: [...options.printed] }),
    additionalProperties: false,
  });
}

/** The same schema with another description. */
export const described = <Schema extends TSchema>(schema: Schema, description: string): Schema => ({
  ...schema,
  description,
});

/** Either a short form or the full one. The last branch is the full one. */
export const either = <Short extends TSchema, Full extends TSchema>(short: Short, full: Full, description: string) =>
  Type.Union([short, full], { description });

/** A string, number or Boolean. */
export const scalar = () => Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'] });

/** A default that the engines fill in. */
export const withDefault = <Schema extends TSchema>(schema: Schema, value: unknown): Schema => ({
  ...schema,
  default: value,
});
