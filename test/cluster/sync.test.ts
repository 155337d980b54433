import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SyncConfig } from '../../src/config/types.ts';
import { nullLog } from '../../src/core/log.ts';
import type { ContainerRef } from '../../src/kube/objects.ts';
import { createTarget } from '../../src/kube/target.ts';
import { startSync } from '../../src/sync/start-sync.ts';
import { syncConfigOf } from '../helpers/sync-config.ts';
import { syncRunOf } from '../helpers/sync-run.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { signal, useNamespace } from './support/namespace.ts';

const namespace = useNamespace();
/** Programs differ: BusyBox, GNU with dash, GNU with Node.js. */
const images = (process.env['TEST_SYNC_IMAGES'] ?? 'busybox:1,debian:12,node:20').split(',');

async function startContainer(image: string): Promise<ContainerRef> {
  const name = `sync-${image.replace(/\W/g, '-')}`;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { sync: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['sleep', '9999999'] }],
    },
  };
  // the namespace gets its service account a moment after it was made
  await waitFor(() => namespace.kube.apply(pod, { defaultNamespace: namespace.name, conflicts: 'fail', signal }));
  const query = { namespace: namespace.name, labelSelector: { sync: name } };
  return createTarget(query, { kube: namespace.kube, log: nullLog, timeoutMs: 60_000 }).current(signal);
}

function startFolder(
  container: ContainerRef,
  files: Readonly<Record<string, string>>,
  { answer = 'nobody', ...more }: Partial<SyncConfig> & { readonly answer?: 'yes' | 'nobody' } = {},
) {
  const local = mkdtempSync(path.join(tmpdir(), 'devspace-sync-'));
  const write = (name: string, content: string) => {
    mkdirSync(path.dirname(path.join(local, name)), { recursive: true });
    writeFileSync(path.join(local, name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  const root = `/tmp/${path.basename(local)}`;
  const sh = (script: string) => namespace.exec(container, 'sh', '-c', `cd ${root} && ${script}`);
  const config = syncConfigOf(local, root, { excludePaths: ['node_modules/', '*.log'], ...more });
  const target = { current: async () => container, lost: () => {} };
  const stateFolder = mkdtempSync(path.join(tmpdir(), 'devspace-sync-state-'));
  const sync = startSync(
    [{ target, config }],
    syncRunOf({ kube: namespace.kube, log: nullLog, signal, stateFolder, confirm: async () => answer }),
  );
  return { local, root, write, sh, sync };
}

const listing = 'find . -mindepth 1 | grep -v "/[.]devspace" | sort';

describe.each(images)('synchronisation with %s', (image) => {
  let container: ContainerRef;
  test('copies both ways at the start and deletes nothing', async () => {
    container = await startContainer(image);
    const { local, sh, sync } = startFolder(container, {
      'only-here.txt': 'here',
      'deep/er/file.txt': 'x',
      'node_modules/a.js': 'no',
    });
    await sync.ready;
    expect(await sh(listing)).toBe('./deep\n./deep/er\n./deep/er/file.txt\n./only-here.txt\n');
    await sh('echo there >only-there.txt; mkdir -p new/dir; echo n >new/dir/n; echo no >skip.log');
    await waitFor(() => {
      expect(readFileSync(path.join(local, 'new/dir/n'), 'utf8')).toBe('n\n');
      expect(readFileSync(path.join(local, 'only-there.txt'), 'utf8')).toBe('there\n');
    });
    expect(existsSync(path.join(local, 'skip.log'))).toBe(false);
    await sync.close();
    await sync.done;
    expect(await namespace.processes(container)).toEqual(['sleep 9999999']);
  });

  test('carries edits, deletes, renames and links in both directions', async () => {
    const { local, write, sh, sync } = startFolder(container, {
      'a.txt': '1',
      'gone.txt': '1',
      'old/name.txt': 'n',
      'kept.txt': 'k',
    });
    await sync.ready;
    write('a.txt', 'edited');
    rmSync(path.join(local, 'gone.txt'));
    renameSync(path.join(local, 'old'), path.join(local, 'renamed'));
    symlinkSync('a.txt', path.join(local, 'link'));
    await waitFor(async () =>
      expect(await sh(listing)).toBe('./a.txt\n./kept.txt\n./link\n./renamed\n./renamed/name.txt\n'),
    );
    expect(await sh('cat link')).toBe('edited');

    await sh('rm kept.txt; mv renamed/name.txt moved.txt; rmdir renamed; echo -n remote >a.txt; ln -s moved.txt back');
    await waitFor(() => {
      expect(readdirSync(local).sort()).toEqual(['a.txt', 'back', 'link', 'moved.txt']);
      expect(readFileSync(path.join(local, 'a.txt'), 'utf8')).toBe('remote');
      expect(readlinkSync(path.join(local, 'back'))).toBe('moved.txt');
    });
    await sync.close();
  });

  test('takes any name and many files', async () => {
    const odd = [
      'with space',
      "quo'te",
      '$(touch pwned)',
      '-rf',
      'new\nline',
      'ünïcödé',
      '`x`',
      'back\\slash',
      'star*',
    ];
    const many: [string, string][] = Array.from({ length: 1500 }, (_, index) => [
      `many/${index % 20}/file-${index}`,
      `content ${index}`,
    ]);
    const files = new Map([...odd.map((name): [string, string] => [name, name]), ...many]);
    const { local, sh, sync } = startFolder(container, Object.fromEntries(files), { answer: 'yes' });
    await sync.ready;
    expect((await sh('find many -type f | wc -l')).trim()).toBe('1500');
    for (const name of odd)
      expect(await namespace.exec(container, 'cat', `/tmp/${path.basename(local)}/${name}`)).toBe(name);
    expect(await sh('ls | grep -c pwned || true')).toMatch(/^[01]\n$/);
    await sh(
      'for f in ./*; do [ -f "$f" ] && echo -n changed >"$f"; done; for d in many/*; do echo -n more >"$d/added"; done',
    );
    await waitFor(() => {
      for (const name of odd) expect(readFileSync(path.join(local, name), 'utf8')).toBe('changed');
      for (let index = 0; index < 20; index += 1)
        expect(readFileSync(path.join(local, `many/${index}/added`), 'utf8')).toBe('more');
    });
    rmSync(path.join(local, 'many'), { recursive: true });
    await waitFor(async () => expect((await sh('ls -d many 2>/dev/null || echo none')).trim()).toBe('none'));
    await sync.close();
  });

  test('a folder that vanishes in the container halts, and nothing is deleted here', async () => {
    const { local, root, sync } = startFolder(container, { 'a.txt': '1', 'b.txt': '2', 'c/d.txt': '3' });
    await sync.ready;
    await namespace.exec(container, 'rm', '-rf', root);
    await expect(sync.done).rejects.toMatchObject({ code: 'SYNC_HALTED' });
    expect(readFileSync(path.join(local, 'c/d.txt'), 'utf8')).toBe('3');
    await sync.close();
  });
});
