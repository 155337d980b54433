/** A message in the encoding of Protocol Buffers, for numbers of fields and lengths below 2 ** 14. */
export const protobufMessage = (...fields: readonly (readonly [number, string | Buffer | number])[]): Buffer =>
  Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [Buffer.from([number * 8, ...varint(value)])];
      const bytes = Buffer.from(value);
      return [Buffer.from([number * 8 + 2, ...varint(bytes.length)]), bytes];
    }),
  );

const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) | 128, value >> 7]);
