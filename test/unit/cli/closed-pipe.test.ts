import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const program = path.resolve(import.meta.dirname, '../../../bin/devspace.js');

test('a reader of the help that stops reading is no failure', async () => {
  const child = spawn(process.execPath, [program, 'help', 'dev'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect({ code, words }).toEqual({ code: 0, words: '' });
});
