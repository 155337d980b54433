/** Just enough ASN.1 DER (ITU-T X.690) to write a certificate. Every function returns one encoded value. */

function encode(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthBytes(content.length), content]);
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}

export function sequence(...items: Buffer[]): Buffer {
  return encode(0x30, Buffer.concat(items));
}

export function set(...items: Buffer[]): Buffer {
  return encode(0x31, Buffer.concat(items));
}

/** A positive number; a leading zero byte keeps it positive. */
export function integer(bytes: Buffer): Buffer {
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return encode(0x02, isNegative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function boolean(value: 'true' | 'false'): Buffer {
  return encode(0x01, Buffer.from([value === 'true' ? 0xff : 0]));
}

export function octetString(content: Buffer): Buffer {
  return encode(0x04, content);
}

export function bitString(content: Buffer, unusedBits = 0): Buffer {
  return encode(0x03, Buffer.concat([Buffer.from([unusedBits]), content]));
}

export function utf8String(text: string): Buffer {
  return encode(0x0c, Buffer.from(text));
}

/** A time as GeneralizedTime, to the second. */
export function time(date: Date): Buffer {
  return encode(0x18, Buffer.from(`${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`));
}

/** A dotted object identifier such as `2.5.4.3`. */
export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return encode(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

/** A value with a tag of the context: `constructed` wraps values, `primitive` holds bytes. */
export function context(number: number, form: 'constructed' | 'primitive', content: Buffer): Buffer {
  return encode((form === 'constructed' ? 0xa0 : 0x80) | number, content);
}
