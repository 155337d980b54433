import { expect, test } from 'vitest';
import { builderOf, selectBuilder } from '../../../src/docker/select-builder.ts';

test.each([
  ['an engine whose usual builder it is', { builderVersion: '2' }, 'BuildKit'],
  ['an engine that has it, but builds without', { builderVersion: '1' }, 'classic'],
  ['an engine that tells nothing', {}, 'classic'],
  ['a wish for it', { wish: 'BuildKit' }, 'BuildKit'],
  ['a wish against it', { wish: 'classic', builderVersion: '2' }, 'classic'],
  ['the network of the host', { builderVersion: '2', network: 'host' }, 'BuildKit'],
  ['a network that it does not know', { wish: 'BuildKit', builderVersion: '2', network: 'my-net' }, 'classic'],
] as const)('%s', (_what, facts, builder) => {
  expect(selectBuilder({ wish: undefined, builderVersion: undefined, network: undefined, ...facts })).toBe(builder);
});

test.each([
  ['1', 'BuildKit'],
  ['true', 'BuildKit'],
  ['0', 'classic'],
  ['False', 'classic'],
  ['', undefined],
  [undefined, undefined],
  ['maybe', undefined],
])('DOCKER_BUILDKIT=%s', (value, builder) => {
  expect(builderOf(value)).toBe(builder);
});
