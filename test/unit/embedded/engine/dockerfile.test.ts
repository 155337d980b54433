import { expect, test } from 'vitest';
import { parseDockerfile } from '../../../../src/embedded/engine/dockerfile.ts';

test('joins lines, drops comments, keeps flags apart', () => {
  const text = `# syntax=docker/dockerfile:1
ARG A
FROM --platform=linux/amd64 busybox AS x

run echo a \\
   # not this

   && echo "b  #c"
COPY --from=x --chown=1:2 ["a b", "/c"]
EXPOSE 80 \\
  81
`;
  expect(parseDockerfile(text)).toEqual([
    { keyword: 'ARG', flags: {}, text: 'A', shown: 'ARG A' },
    {
      keyword: 'FROM',
      flags: { platform: 'linux/amd64' },
      text: 'busybox AS x',
      shown: 'FROM --platform=linux/amd64 busybox AS x',
    },
    { keyword: 'RUN', flags: {}, text: 'echo a    && echo "b  #c"', shown: 'RUN echo a    && echo "b  #c"' },
    {
      keyword: 'COPY',
      flags: { from: 'x', chown: '1:2' },
      text: '["a b", "/c"]',
      shown: 'COPY --from=x --chown=1:2 ["a b", "/c"]',
    },
    { keyword: 'EXPOSE', flags: {}, text: '80   81', shown: 'EXPOSE 80   81' },
  ]);
});

test('knows the escape directive and Windows line ends', () => {
  expect(parseDockerfile('# escape=`\r\nFROM a\r\nRUN x `\r\n  y\r\n').at(-1)?.text).toBe('x   y');
});
