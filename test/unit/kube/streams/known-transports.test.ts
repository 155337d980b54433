import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Rest } from '../../../../src/kube/rest.ts';
import { openExec } from '../../../../src/kube/streams/exec.ts';
import { openKnownTransports } from '../../../../src/kube/streams/known-transports.ts';
import { createNegotiation } from '../../../../src/kube/streams/negotiation.ts';
import { restOf } from '../../../helpers/rest-of.ts';
import { startSpdyServer } from '../../../helpers/spdy-server.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const dayMs = 24 * 60 * 60 * 1000;
afterEach(() => void vi.restoreAllMocks());

/** One run: the methods with which it asked for its exec. */
async function run(folder: string, url: string, name = 'one'): Promise<string[]> {
  const asked: string[] = [];
  const rest = restOf(url);
  const upgrade: Rest['upgrade'] = (request) => {
    asked.push(request.method);
    return rest.upgrade(request);
  };
  const negotiation = createNegotiation({ ...rest, upgrade }, openKnownTransports(folder, name));
  const { signal } = new AbortController();
  const options = { command: ['true'], terminal: 'none', stdin: 'open', signal } as const;
  const session = await openExec(negotiation, { namespace: 'dev', pod: 'app-1', container: 'app' }, options);
  expect(await session.exit).toBe(0);
  return asked;
}

test('a server that refuses the WebSocket is asked for SPDY first by the next run, for a day', async () => {
  const { url } = await startSpdyServer();
  const folder = path.join(tempFolder(), 'transports');
  expect(await run(folder, url)).toEqual(['GET', 'POST']);
  expect(await run(folder, url)).toEqual(['POST']);
  expect(await run(folder, url, 'another account'), 'another account').toEqual(['GET', 'POST']);
  const now = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(now + dayMs + 1);
  expect(await run(folder, url), 'a day later').toEqual(['GET', 'POST']);
});

test('what took a WebSocket again is no longer known to need SPDY', () => {
  const folder = tempFolder();
  openKnownTransports(folder, 'one').took('exec true', 'spdy');
  openKnownTransports(folder, 'one').took('attach true', 'spdy');
  openKnownTransports(folder, 'one').took('exec true', 'websocket');
  const known = openKnownTransports(folder, 'one');
  expect([known.needsSpdy('exec true'), known.needsSpdy('attach true')]).toEqual([false, true]);
});

test.each(['', 'null', '[1]', '{"exec true": "x"}', '{"exec true": 99999999999999}'])(
  'a damaged file counts as none: %s',
  (content) => {
    const folder = tempFolder();
    openKnownTransports(folder, 'one').took('exec true', 'spdy');
    const [file = ''] = readdirSync(folder);
    writeFileSync(path.join(folder, file), content);
    const known = openKnownTransports(folder, 'one');
    expect(known.needsSpdy('exec true')).toBe(false);
    known.took('exec true', 'spdy');
    expect(openKnownTransports(folder, 'one').needsSpdy('exec true')).toBe(true);
  },
);

test('a folder that cannot be written costs nothing but the memory', async () => {
  const { url } = await startSpdyServer();
  const folder = path.join(tempFolder(), 'a-file', 'transports');
  writeFileSync(path.dirname(folder), '');
  expect(await run(folder, url)).toEqual(['GET', 'POST']);
  expect(await run(folder, url)).toEqual(['GET', 'POST']);
});
