import { expect, test } from 'vitest';
import { resolve } from '../../../src/config/resolve.ts';
import { upgradeToNewest } from '../../../src/config/versions/ladder.ts';
import type { Data } from '../../../src/config/versions/version.ts';

function registriesOf(document: Data & { version: string }) {
  const { model, legacy } = upgradeToNewest(document.version, document, () => {});
  const { pullSecrets } = resolve(model, { projectRoot: '/project', declaredVersion: document.version, legacy });
  return pullSecrets.map(({ registry }) => registry);
}

const images = {
  a: { image: 'x.example.com/me/a' },
  b: { image: 'x.example.com/me/b' },
  hub: { image: 'me/hub' },
  off: { image: 'y.example.com/off', createPullSecret: false },
};

test.each([
  ['v2beta1', ['x.example.com']],
  ['v1beta9', ['x.example.com']],
  ['v1beta2', []],
])('%s: each registry of an image once, unless the image says no; old versions only on demand', (version, expected) => {
  expect(registriesOf({ version, ...(version === 'v2beta1' ? { name: 'p' } : {}), images })).toEqual(expected);
});

test('an image can ask for Docker Hub, also in old versions', () => {
  const hub = { image: 'me/hub', createPullSecret: true };
  expect(registriesOf({ version: 'v2beta1', name: 'p', images: { hub } })).toEqual(['docker.io']);
  expect(registriesOf({ version: 'v1beta2', images: { hub } })).toEqual(['docker.io']);
});

test('what the file says about a registry counts, also that it is disabled', () => {
  const entry = { registry: 'x.example.com', username: 'mia', password: 'p' };
  expect(registriesOf({ version: 'v1beta11', images, pullSecrets: [entry] })).toEqual(['x.example.com']);
  expect(registriesOf({ version: 'v1beta11', images, pullSecrets: [{ ...entry, disabled: true }] })).toEqual([]);
});

test('the entry of the file, complete', () => {
  const model = {
    version: 'v2beta1',
    pullSecrets: { x: { registry: 'https://index.docker.io/v1/', username: 'mia' } },
  };
  expect(resolve(model, { projectRoot: '/', declaredVersion: 'v2beta1', legacy: {} }).pullSecrets).toEqual([
    {
      registry: 'docker.io',
      username: 'mia',
      email: 'noreply@devspace.sh',
      secret: 'devspace-pull-secrets',
      serviceAccounts: ['default'],
    },
  ]);
});
