import { expect, test } from 'vitest';
import {
  applyChoice,
  namesFolders,
  planFolders,
  type SyncChoice,
  toDirection,
} from '../../../src/workflows/plan-sync.ts';
import { thrownBy } from '../../helpers/error-of.ts';

const none: SyncChoice = { direction: 'both', watch: true, polling: false, allReplicas: false };
const target = { labelSelector: { app: 'app' } };

test.each<[string, Partial<SyncChoice>, string, string]>([
  ['both by one flag', { path: './src:/app' }, '/work/src', '/app'],
  ['one path for both sides', { path: 'src' }, '/work/src', 'src'],
  ['a drive of Windows', { path: 'C:\\src:/app' }, '/work/C:\\src', '/app'],
  ['flags of their own win', { path: 'a:/b', localPath: '/here', containerPath: '/there' }, '/here', '/there'],
  ['what is not said is the working directory', { containerPath: '/app' }, '/work', '/app'],
])('the folders: %s', (_name, choice, localPath, containerPath) => {
  expect(planFolders({ ...none, ...choice }, target, '/work')).toMatchObject({ target, localPath, containerPath });
});

test('folders that flags name lose nothing at the first synchronisation, unless a flag wants it', () => {
  const initial = (choice: Partial<SyncChoice>) =>
    planFolders({ ...none, path: '.:/app', ...choice }, target, '/').initialSync;
  expect(initial({})).toBe('preferLocal');
  expect(initial({ downloadOnInitialSync: true })).toBe('preferLocal');
  expect(initial({ downloadOnInitialSync: false })).toBe('mirrorLocal');
  expect(initial({ downloadOnInitialSync: false, initialSync: 'keepAll' })).toBe('keepAll');
});

test('an entry of the configuration keeps what no flag changes', () => {
  const entry = {
    ...planFolders(none, target, '/work'),
    initialSync: 'mirrorLocal',
    excludePaths: ['log'],
    noWatch: true,
  } as const;
  expect(applyChoice(entry, none)).toEqual(entry);
  expect(applyChoice({ ...entry, polling: true, noWatch: false }, { ...none, watch: false })).toMatchObject({
    polling: true,
    noWatch: true,
  });
  expect(applyChoice(entry, { ...none, exclude: ['a', 'b'], direction: 'upload' })).toMatchObject({
    excludePaths: ['a', 'b'],
    disableDownload: true,
    disableUpload: false,
  });
  expect(applyChoice({ ...entry, waitInitialSync: false }, { ...none, direction: 'download' })).toMatchObject({
    disableDownload: false,
    disableUpload: true,
    waitInitialSync: true,
  });
});

test('one direction only, and which flags say that there are folders', () => {
  expect(toDirection({})).toBe('both');
  expect(toDirection({ uploadOnly: true })).toBe('upload');
  expect(toDirection({ downloadOnly: true })).toBe('download');
  expect(thrownBy(() => toDirection({ uploadOnly: true, downloadOnly: true }))).toMatchObject({ code: 'USAGE' });
  expect(namesFolders(none)).toBe(false);
  expect(namesFolders({ ...none, localPath: '.' })).toBe(true);
});
