import { expect, test } from 'vitest';
import { matchingFiles } from '../../../../src/build/custom/changed-files.ts';
import { tempFolder, writeFiles } from '../../../helpers/temp-folder.ts';

test.each<[string, string[], string[]]>([
  ['a file', ['main.go'], ['main.go']],
  ['a folder', ['./src'], ['src/a.go', 'src/deep/b.go', 'src/deep/c.txt']],
  ['a wildcard in one folder', ['src/*.go'], ['src/a.go']],
  ['a wildcard through folders', ['**/*.go'], ['main.go', 'src/a.go', 'src/deep/b.go']],
  ['several that overlap', ['src/**', 'src/a.go'], ['src/a.go', 'src/deep/b.go', 'src/deep/c.txt']],
  ['a place beside the folder', ['../shared/*.txt'], ['../shared/s.txt']],
  ['nothing that is there', ['gone.go', 'no/**'], []],
])('%s', (_what, patterns, expected) => {
  const root = tempFolder();
  writeFiles(root, {
    'project/main.go': '',
    'project/src/a.go': '',
    'project/src/deep/b.go': '',
    'project/src/deep/c.txt': '',
    'project/.devspace/cache.go': '',
    'shared/s.txt': '',
  });
  expect(matchingFiles(`${root}/project`, patterns).map(({ name }) => name)).toEqual(expected);
});
