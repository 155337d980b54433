import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');

/** Starts an embedded cluster of its own for the end-to-end suite, as a user would; stops it at the end. */
export default function startEmbeddedCluster(): () => void {
  const home = mkdtempSync(path.join(tmpdir(), 'ds-'));
  const env = { ...process.env, HOME: home };
  execFileSync(process.execPath, [program, 'embedded', 'start'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const record = JSON.parse(readFileSync(path.join(home, '.devspace/embedded/server.json'), 'utf8')) as {
    readonly kubeconfig: string;
    readonly dockerHost: string;
  };
  process.env['KUBECONFIG'] = record.kubeconfig;
  process.env['DOCKER_HOST'] = record.dockerHost;
  // every image name stands for the programs of this machine there, so one is enough
  process.env['TEST_SYNC_IMAGES'] = 'node:20';
  process.env['TEST_LARGE_MIB'] = '128';
  return () => {
    spawnSync(process.execPath, [program, 'embedded', 'stop'], { env, stdio: 'inherit' });
    // its files belong to other users of its own namespace, so it is their owner who removes them
    spawnSync('unshare', ['--user', '--map-root-user', 'rm', '-rf', home]);
  };
}
