import { expect, test } from 'vitest';
import { toKanikoBuild } from '../../../src/config/resolve-kaniko.ts';
import { canFallBack } from '../../../src/workflows/build-in-cluster.ts';

const when = (image: Parameters<typeof toKanikoBuild>[0]) => toKanikoBuild(image).inCluster?.when;

test('kaniko alone builds always; beside docker, or without both, when no engine answers', () => {
  expect(when({ kaniko: {} })).toBe('always');
  expect(when({})).toBe('without engine');
  expect(when({ docker: {}, kaniko: {} })).toBe('without engine');
  expect(when({ docker: { disableFallback: true }, kaniko: {} })).toBeUndefined();
  expect(when({ buildKit: {} })).toBeUndefined();
});

test('in place of the engine it keeps its layers in the registry, otherwise as it is written', () => {
  expect(toKanikoBuild({}).inCluster?.cache).toBe(true);
  expect(toKanikoBuild({ kaniko: {} }).inCluster?.cache).toBe(false);
  expect(toKanikoBuild({ docker: {}, kaniko: { cache: false } }).inCluster?.cache).toBe(false);
});

test('defaults, and what counts as not written', () => {
  const empty = { image: '', initImage: '', command: [], tolerations: [], snapshotMode: '', namespace: '' };
  expect(toKanikoBuild({ kaniko: empty }).inCluster).toEqual({
    when: 'always',
    cache: false,
    snapshotMode: 'time',
    args: [],
    insecure: false,
    mountLogin: true,
    additionalMounts: [],
  });
});

test('mounts become volumes as Kubernetes has them; one without a folder is none', () => {
  const additionalMounts = [
    { secret: { name: 'certs', defaultMode: 256 }, mountPath: '/certs', readOnly: true },
    { configMap: { name: 'map' }, mountPath: '/map', subPath: 'a' },
    { configMap: { name: 'lost' } },
    { mountPath: '/nothing' },
  ];
  expect(toKanikoBuild({ kaniko: { additionalMounts, skipPullSecretMount: true } }).inCluster).toMatchObject({
    mountLogin: false,
    additionalMounts: [
      { volume: { secret: { secretName: 'certs', defaultMode: 256 } }, mountPath: '/certs', readOnly: true },
      { volume: { configMap: { name: 'map' } }, mountPath: '/map', subPath: 'a', readOnly: false },
    ],
  });
});

test('the cluster stands in only for what is pushed', () => {
  const image = (more: object) =>
    ({ ...toKanikoBuild({}), skipPush: false, ...more }) as Parameters<typeof canFallBack>[0];
  expect(canFallBack(image({}), { delivery: 'push' })).toBe(true);
  expect(canFallBack(image({}), { delivery: 'keep local' })).toBe(false);
  expect(canFallBack(image({}), { delivery: { program: 'kind', args: [], cluster: 'c' } })).toBe(false);
  expect(canFallBack(image({ skipPush: true }), { delivery: 'push' })).toBe(false);
  expect(canFallBack(image(toKanikoBuild({ kaniko: {} })), { delivery: 'push' })).toBe(false);
});
