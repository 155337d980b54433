import { isObject, type Json, type JsonObject } from './objects.ts';
import { typeNameOf } from './resources.ts';
import { builtInType, fieldNumbers, fieldType, type Type } from './schema.ts';
import { badRequest, StatusError } from './status.ts';

/**
 * Typed clients of Go send protobuf by default. This reads it as JSON; answers are JSON, which they accept too.
 * Source: Kubernetes API concepts, "Kubernetes Protobuf encoding".
 */
const magic = Buffer.from('k8s\0');

export function isProtobuf(body: Buffer): boolean {
  return body.subarray(0, 4).equals(magic);
}

/** The object in the body; 415 for kinds that the schema does not know. */
export function decodeProtobuf(body: Buffer): Json {
  try {
    const envelope = readFields(body.subarray(4));
    const meta = readFields(bytesOf(envelope, 1));
    const apiVersion = bytesOf(meta, 1).toString('utf8');
    const kind = bytesOf(meta, 2).toString('utf8');
    const type = builtInType(typeNameOf(kind, apiVersion.split('/').at(-1)));
    if (type.kind !== 'object')
      throw new StatusError(415, 'UnsupportedMediaType', `no protobuf type is known for ${kind}`);
    return { apiVersion, kind, ...readMessage(bytesOf(envelope, 2), type) };
  } catch (error) {
    if (error instanceof RangeError) throw badRequest('unexpected EOF in the protobuf body');
    throw error;
  }
}

interface Field {
  readonly number: number;
  /** A number for varints, bytes for everything with a length. */
  readonly value: number | Buffer;
}

function readFields(data: Buffer): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  const varint = (): number => {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = data.readUInt8(offset++);
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, result));
    }
  };
  while (offset < data.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) fields.push({ number: tag >> 3, value: varint() });
    else if (wire === 2) {
      const length = varint();
      if (length < 0 || offset + length > data.length) throw new RangeError('short');
      fields.push({ number: tag >> 3, value: data.subarray(offset, offset + length) });
      offset += length;
    } else if (wire === 1) {
      fields.push({ number: tag >> 3, value: data.readDoubleLE(offset) });
      offset += 8;
    } else throw new RangeError(`wire type ${wire}`);
  }
  return fields;
}

function bytesOf(fields: readonly Field[], number: number): Buffer {
  const found = fields.find((field) => field.number === number)?.value;
  return Buffer.isBuffer(found) ? found : Buffer.alloc(0);
}

function readMessage(data: Buffer, type: Type & { kind: 'object' }, prefix = ''): JsonObject {
  const names = fieldNumbers(type.name);
  const result: JsonObject = {};
  for (const { number, value } of readFields(data)) {
    const path = `${prefix}${number}`;
    const name = names.get(path);
    if (name === undefined) {
      const isEmbedded = Buffer.isBuffer(value) && [...names.keys()].some((key) => key.startsWith(`${path}.`));
      if (isEmbedded) Object.assign(result, readMessage(value, type, `${path}.`));
      continue;
    }
    const field = fieldType(type, name);
    const item = readValue(value, field.kind === 'list' ? field.items : field);
    if (item === undefined || (name === 'generation' && item === 0)) continue;
    const before = result[name];
    if (field.kind === 'list') result[name] = [...(Array.isArray(before) ? before : []), item];
    else result[name] = isObject(before) && isObject(item) ? { ...before, ...item } : item;
  }
  return result;
}

/** Undefined for empty texts and times: Go writes them where JSON leaves them out. */
function readValue(value: number | Buffer, type: Type): Json | undefined {
  if (typeof value === 'number') return type.kind === 'boolean' ? value !== 0 : value;
  switch (type.kind) {
    case 'object':
      return readMessage(value, type);
    case 'map': {
      const entry = readFields(value);
      const item = readValue(bytesOf(entry, 2), type.values);
      return { [bytesOf(entry, 1).toString('utf8')]: item ?? '' };
    }
    case 'byte':
      return value.toString('base64');
    case 'quantity':
      return bytesOf(readFields(value), 1).toString('utf8');
    case 'int-or-string': {
      const fields = readFields(value);
      const isText = fields.find(({ number }) => number === 1)?.value === 1;
      const number = fields.find((field) => field.number === 2)?.value;
      return isText ? bytesOf(fields, 3).toString('utf8') : typeof number === 'number' ? number : 0;
    }
    case 'time': {
      const seconds = readFields(value).find(({ number }) => number === 1)?.value;
      return typeof seconds === 'number' ? `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` : undefined;
    }
    case 'any': {
      const raw = bytesOf(readFields(value), 1);
      return raw.length === 0 ? undefined : (JSON.parse(raw.toString('utf8')) as Json);
    }
    default: {
      const text = value.toString('utf8');
      return text === '' ? undefined : text;
    }
  }
}
