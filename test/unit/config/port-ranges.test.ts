import { expect, test } from 'vitest';
import { parsePorts } from '../../../src/config/port-ranges.ts';

const pairs = (text: string) => parsePorts(text)?.map(({ port, remotePort }) => `${port}:${remotePort}`);

test.each([
  ['8080', ['8080:8080']],
  ['8080:3000', ['8080:3000']],
  ['8080-8082', ['8080:8080', '8081:8081', '8082:8082']],
  ['8080-8081:3000-3001', ['8080:3000', '8081:3001']],
  ['65535', ['65535:65535']],
])('%s stands for %j', (text, expected) => expect(pairs(text)).toEqual(expected));

test.each(['', 'http', '1:2:3', '70000', '3-1', '1-3:5-6', '1-', '-1', '1-3:5', '8080:'])('%j is no port', (text) =>
  expect(parsePorts(text)).toBeUndefined(),
);
