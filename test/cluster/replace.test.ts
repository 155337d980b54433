import { describe, expect, test } from 'vitest';
import type { Workload } from '../../src/deploy/replace/workload.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace, devspaceOnTerminal, type Screen, useScreens } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { idleManifestText, makeProject, type TestProject } from './support/project.ts';

const namespace = useNamespace();
const flags = ['-n', namespace.name];
const closing = useScreens();

const workload = async (name: string): Promise<Workload | undefined> => {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace: namespace.name };
  return (await namespace.kube.read(ref, signal)) as Workload | undefined;
};
const replicasOf = async (name: string) => (await workload(name))?.spec.replicas;
const alivePods = async (label: string) =>
  (await namespace.pods(label)).filter(({ metadata }) => !metadata.deletionTimestamp);

/** The manifest runs a program that only waits; what is developed is the image of the project. */
const configText = ({ image, port }: TestProject, dev: string): string => `version: v2beta1
name: replace
images:
  default: { image: ${image}, dockerfile: Dockerfile }
deployments:
  app:
    kubectl: { manifests: [kube] }
dev:
  app:
    labelSelector: { app: app }
    ports: [{ port: "${port}:3000" }]
${dev}
`;

const start = (folder: string): Screen => closing(devspaceOnTerminal(['dev', ...flags], { cwd: folder }));

describe('a pod that is replaced for development', async () => {
  const project = await makeProject('replace');
  const { folder } = project;
  const plain = idleManifestText('busybox:1').replace('spec:\n', 'spec:\n  replicas: 2\n');
  project.write('kube/deployment.yaml', plain);

  test('runs the command of the file once its files are there, and starts it anew after an upload', async () => {
    const dev = `    devImage: \${runtime.images.default}
    command: [node, server.js]
    workingDir: /app
    env: [{ name: STAGE, value: development }]
    sync:
    - path: ./:/app
      startContainer: true
      excludePaths: [node_modules/]
      onUpload: { restartContainer: true }
    patches:
    - { op: add, path: metadata.labels.patched, value: "yes" }`;
    project.write('devspace.yaml', configText(project, dev));
    const screen = start(folder);
    await screen.waitFor(/The development services run/, 150);
    expect(screen.shown()).toMatch(/Deployment app-devspace takes the place of Deployment app/);
    await screen.waitFor(/Started the program of container app/, 30);

    const [pod, ...others] = await alivePods('app=app,devspace.sh/replaced=true,patched=yes');
    expect(others).toEqual([]);
    expect(pod?.spec.containers[0]?.image).toContain(project.image);
    expect(await replicasOf('app')).toBe(0);
    await waitFor(async () => expect(await alivePods('app=app')).toHaveLength(1));
    const container = { namespace: namespace.name, pod: pod?.metadata.name ?? '', container: 'app' };
    expect(await namespace.exec(container, 'sh', '-c', 'tr "\\0" "\\n" </proc/1/environ')).toContain(
      'STAGE=development',
    );

    const answer = async () => (await fetch(`http://127.0.0.1:${project.port}/`)).text();
    await waitFor(async () => expect(await answer()).toBe('Hello from the cluster!\n'));
    project.write('message.txt', 'Edited!\n');
    await screen.waitFor(/Restarted the program of container app/, 30);
    await waitFor(async () => expect(await answer()).toBe('Edited!\n'));

    // an image selector of another terminal still means the image of the workload
    const entered = await devspace(['enter', '--image-selector', 'busybox', ...flags, '--', 'hostname'], {
      cwd: folder,
    });
    expect([entered.code, entered.stdout.trim()]).toEqual([0, pod?.metadata.name]);
  });

  test('has what several entries change, and waits for no files where none are synchronised', async () => {
    const dev = `    containers: { app: { command: [sleep, "7654321"], sync: [{ path: ., startContainer: true }] } }
  other:
    imageSelector: busybox:1
    env: [{ name: OTHER, value: "1" }]`;
    project.write('devspace.yaml', configText(project, dev));
    const screen = closing(devspaceOnTerminal(['dev', '--sync=false', ...flags], { cwd: folder }));
    await screen.waitFor(/dev\.app, dev\.other: Deployment app-devspace takes the place of Deployment app/, 150);
    await screen.waitFor(/The development services run/, 60);
    await waitFor(async () => {
      const [pod] = await alivePods('app=app,devspace.sh/replaced=true');
      const container = { namespace: namespace.name, pod: pod?.metadata.name ?? '', container: 'app' };
      expect(await namespace.processes(container)).toContain('sleep 7654321');
      expect(await namespace.exec(container, 'sh', '-c', 'tr "\\0" "\\n" </proc/1/environ')).toContain('OTHER=1');
    }, 60);
  });

  test('stays for the next run and for a deploy, and is reset when asked', async () => {
    const before = (await workload('app-devspace'))?.metadata.uid;
    const deployed = await devspace(['deploy', ...flags], { cwd: folder });
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stderr).toMatch(/Skipped app: 1 object unchanged/);
    project.write('kube/deployment.yaml', plain.replace('replicas: 2', 'replicas: 2\n  revisionHistoryLimit: 3'));
    const again = await devspace(['deploy', ...flags], { cwd: folder });
    expect(again.code, again.stderr).toBe(0);
    expect([(await workload('app-devspace'))?.metadata.uid, await replicasOf('app')]).toEqual([before, 0]);

    const dry = await devspace(['deploy', '--dry-run', ...flags], { cwd: folder });
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stdout).not.toContain('replicas');

    const reset = await devspace(['reset', 'pods', ...flags], { cwd: folder });
    expect([reset.code, reset.stderr]).toEqual([0, expect.stringContaining('Deleted app-devspace')]);
    expect([await workload('app-devspace'), await replicasOf('app')]).toEqual([undefined, 2]);
    await waitFor(async () => expect(await alivePods('app=app')).toHaveLength(2), 60);

    project.write('kube/deployment.yaml', plain.replace('replicas: 2', 'replicas: 1'));
    const scaled = await devspace(['deploy', ...flags], { cwd: folder });
    expect(scaled.code, scaled.stderr).toBe(0);
    expect(await replicasOf('app')).toBe(1);
  });

  test('stands still for a terminal, and goes with what it belongs to', async () => {
    project.write('devspace.yaml', configText(project, '    terminal: { command: sh }'));
    const screen = start(folder);
    await screen.waitFor(/[#$] (\u001b\[\S*)*$/, 150);
    screen.type('tr "\\0" " " </proc/1/cmdline\r');
    await screen.waitFor(/sleep 1000000000/);
    screen.type('exit 0\r');
    expect(await screen.exited).toMatchObject({ exitCode: 0 });

    const purged = await devspace(['purge', ...flags], { cwd: folder });
    expect(purged.code, purged.stderr).toBe(0);
    await waitFor(async () =>
      expect([await workload('app-devspace'), await alivePods('app=app')]).toEqual([undefined, []]),
    );
  });

  test('says what is wrong with its selector and its container', async () => {
    const wrong = (text: string) => configText(project, '    devImage: busybox:1').replace('app: app }', text);
    project.write('devspace.yaml', wrong('app: other }'));
    const missing = await devspace(['dev', ...flags], { cwd: folder });
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/dev\.app: no Deployment, .* the labels app=other/),
    ]);
    project.write('devspace.yaml', wrong('app: app }\n    container: web'));
    const container = await devspace(['dev', ...flags], { cwd: folder });
    expect([container.code, container.stderr]).toEqual([2, expect.stringMatching(/no container web; it has app/)]);
  });
});
