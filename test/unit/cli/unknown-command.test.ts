import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/cli/program.ts';

async function parse(...argv: string[]) {
  let text = '';
  const parsed = await parseCommandLine(argv, { write: (more) => (text += more) });
  return { parsed, text };
}

describe('a command line without a known command', () => {
  test('names the unknown command and the one that was meant', async () => {
    await expect(parse('dve')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/unknown command 'dve'[\s\S]*dev\?/),
    });
  });

  test.each([[[]], [['--debug']]])('%j shows the help', async (argv) => {
    const { parsed, text } = await parse(...argv);
    expect(parsed).toBeUndefined();
    expect(text).toContain('Commands:');
  });
});
