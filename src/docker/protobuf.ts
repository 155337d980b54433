/** A field of a message: its number, and bytes (strings, messages) or a whole number. */
export type ProtobufField = readonly [number: number, value: Buffer | number];

/**
 * The fields of a message in the encoding of Protocol Buffers, in the order in which they stand there; numbers of fixed
 * width, which no message of BuildKit that we read has, are left out. Throws a `RangeError` at what is no message.
 */
export function* fieldsOf(message: Buffer): Generator<ProtobufField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at);
      at += 1;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  const bytes = (length: number): Buffer => {
    if (length > message.length - at) throw new RangeError('the message ends in the middle of a field');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const [number, wireType] = [Math.floor(key / 8), key % 8];
    if (wireType === 0) yield [number, varint()];
    else if (wireType === 2) yield [number, bytes(varint())];
    else if (wireType === 1 || wireType === 5) bytes(wireType === 1 ? 8 : 4);
    else throw new RangeError(`a message has no fields of type ${wireType}`);
  }
}

/** A message whose fields are texts, numbered from 1. */
export function encodeTexts(...texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text, index) => {
      const bytes = Buffer.from(text);
      return [encodeVarint((index + 1) * 8 + 2), encodeVarint(bytes.length), bytes];
    }),
  );
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
