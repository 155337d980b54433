/** A port of this machine and the one in the container that it stands for. */
export interface PortPair {
  readonly port: number;
  readonly remotePort: number;
}

const highestPort = 65_535;

/**
 * Pure: the pairs of `PORT`, `LOCAL:CONTAINER` and of ranges, `8000-8010` or `8000-8010:9000-9010`, in order. `undefined`
 * if the text is none of these or its ranges differ in length.
 */
export function parsePorts(text: string): readonly PortPair[] | undefined {
  const [local = '', remote = local, ...others] = text.split(':');
  const [here, there] = [parseRange(local), parseRange(remote)];
  if (others.length > 0 || !here || !there || here.length !== there.length) return undefined;
  return here.map((port, index) => ({ port, remotePort: there[index] ?? port }));
}

function parseRange(text: string): readonly number[] | undefined {
  const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (first === '' || start > end || end > highestPort) return undefined;
  return Array.from({ length: end - start + 1 }, (_, index) => start + index);
}
