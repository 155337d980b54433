import { expect, test } from 'vitest';
import { waitFor } from '../helpers/wait-for.ts';
import { devspaceOnTerminal, useScreens } from './support/devspace.ts';
import { useNamespace } from './support/namespace.ts';
import { configText, makeProject, manifestText } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('reload');
const closing = useScreens();

test('what autoReload names is built and deployed again when it changes, and a mistake ends nothing', async () => {
  const reload = 'dev:\n  autoReload: { paths: ["config/**"], images: [default], deployments: [app] }';
  const text = configText(project)
    .replace('dev:', reload)
    .replace(/ {2}overrideImages:[^]*?selectors:/, '  selectors:');
  project.write('devspace.yaml', text);
  const screen = closing(devspaceOnTerminal(['dev', '-n', namespace.name], { cwd: project.folder }));
  await screen.waitFor(/[#$] (\u001b\[\S*)*$/, 150);

  const manifest = manifestText(project.image);
  const newest = async () => {
    const pods = (await namespace.pods('app=app')).filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(pods).toHaveLength(1);
    return pods[0]?.metadata.labels ?? {};
  };
  project.write(
    'kube/deployment.yaml',
    manifest.replace('{ app: app } }\n    spec', '{ app: app, round: "2" } }\n    spec'),
  );
  await waitFor(async () => expect(await newest()).toMatchObject({ round: '2' }), 60);
  await screen.waitFor(/A new terminal in container app of pod [^]*[#$] (\u001b\[\S*)*$/, 60);
  screen.type('echo "round $((1 + 1))"\r');
  await screen.waitFor(/round 2/, 60);

  project.write('kube/deployment.yaml', 'kind: [');
  await waitFor(async () => {
    screen.type('cat /nowhere; echo again\r');
    await screen.waitFor(/again/, 5);
  });
  project.write(
    'kube/deployment.yaml',
    manifest.replace('{ app: app } }\n    spec', '{ app: app, round: "3" } }\n    spec'),
  );
  await waitFor(async () => expect(await newest()).toMatchObject({ round: '3' }), 60);
});
