import { expect, test } from 'vitest';
import type { HelmDeployment } from '../../../../src/config/types.ts';
import type { PlannedRelease } from '../../../../src/deploy/planned-deployment.ts';
import { releaseValues } from '../../../../src/deploy/release/release-values.ts';

const images = [{ name: 'web', image: 'me/web', tag: 'new' }];

function planned(values: HelmDeployment['values'], more: Partial<PlannedRelease> = {}): PlannedRelease {
  const helm: HelmDeployment = {
    type: 'helm',
    name: 'web',
    releaseName: 'web',
    updateImageTags: true,
    chart: { name: 'chart' },
    values,
    valuesFiles: [],
    upgradeArgs: [],
    templateArgs: [],
    displayOutput: false,
    disableDependencyUpdate: false,
    legacy: {},
  };
  const base = {
    name: 'web',
    updateImageTags: true,
    chart: '/chart',
    projectRoot: '/',
    chartValues: {},
    fileValues: [],
  };
  return { kind: 'release', helm, ...base, ...more };
}

test('values win over files, later files over earlier ones, and null stays for Helm to remove a value', () => {
  const fileValues = [
    { a: 1, b: 1, list: [1, 2], map: { x: 1, y: 1 } },
    { b: 2, map: { y: 2 } },
  ];
  expect(releaseValues(planned({ c: 3, list: [3], map: { x: null } }, { fileValues }), images)).toEqual({
    a: 1,
    b: 2,
    c: 3,
    list: [3],
    map: { x: null, y: 2 },
  });
});

test('of the values of the chart only those with an image of ours are repeated', () => {
  const chartValues = { image: 'me/web:old', replicas: 2, side: { image: 'nginx' } };
  expect(releaseValues(planned({}, { chartValues }), images)).toEqual({ image: 'me/web:new' });
  expect(releaseValues(planned({}, { chartValues, updateImageTags: false }), images)).toEqual({});
});

test('words for images are filled in, also without other replacement', () => {
  const words = { full: '${runtime.images.web}', name: 'image(web)', tag: 'tag(web)', both: 'image(web):tag(web)' };
  const filled = { full: 'me/web:new', name: 'me/web', tag: 'new', both: 'me/web:new' };
  expect(releaseValues(planned(words), images)).toEqual(filled);
  expect(releaseValues(planned({ ...words, image: 'me/web' }, { updateImageTags: false }), images)).toEqual({
    ...filled,
    image: 'me/web',
  });
});
