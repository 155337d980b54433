import { expect, test } from 'vitest';
import { parseFlags } from '../../../src/config/config-flags.ts';

test.each<[string, ReturnType<typeof parseFlags>]>([
  ['', { profiles: [], vars: [] }],
  ['-n mine', { namespace: 'mine', profiles: [], vars: [] }],
  [
    '--namespace=mine --kube-context "my context"',
    { namespace: 'mine', kubeContext: 'my context', profiles: [], vars: [] },
  ],
  ["-p a --profile b --var 'A=x y' --var B=1", { profiles: ['a', 'b'], vars: ['A=x y', 'B=1'] }],
  ['--debug -n', { profiles: [], vars: [] }],
])('reads %j', (text, flags) => expect(parseFlags(text)).toEqual(flags));
