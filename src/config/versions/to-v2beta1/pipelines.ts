import { mapAt, textAt, textsAt } from '../data.ts';
import type { Data } from '../version.ts';
import { activeDependencies } from './dependencies.ts';
import { deployedNames } from './deployments.ts';
import { builtImages } from './images.ts';

/** What DevSpace 3 to 5 did by itself, written down as the pipelines of the newest version. */
export function toPipelines(data: Data, pullSecrets: readonly string[]): Data {
  const dependencies = activeDependencies(data);
  const images = builtImages(data);
  const build = images.length > 0 ? [`build_images ${images.join(' ')}`] : [];
  const runDependencies = (suffix: string): string[] => dependencies.map((name) => `run_dependencies ${name}${suffix}`);
  const deploy = [
    ...runDependencies(''),
    ...(pullSecrets.length > 0 ? [`ensure_pull_secrets ${pullSecrets.join(' ')}`] : []),
    ...build,
    ...forDeployments(data, 'create_deployments'),
  ];
  const dev = [...deploy, '', 'start_dev --all', ...localTerminal(data)];
  const purge = [
    'stop_dev --all',
    ...forDeployments(data, 'purge_deployments'),
    '',
    ...runDependencies(' --pipeline purge'),
  ];
  return {
    build: { run: toText([...runDependencies(' --pipeline build'), ...build]) },
    purge: { run: toText(purge) },
    dev: { run: toText(dev) },
    deploy: { run: toText(deploy) },
  };
}

const toText = (lines: readonly string[]): string => lines.join('\n').trim();

function forDeployments(data: Data, command: string): string[] {
  const { concurrent, sequential } = deployedNames(data);
  return [
    ...(concurrent.length > 0 ? [`${command} ${concurrent.join(' ')}`] : []),
    ...(sequential.length > 0 ? [`${command} ${sequential.join(' ')} --sequential`] : []),
  ];
}

/** A terminal without a container runs its command on this machine. */
function localTerminal(data: Data): string[] {
  const terminal = mapAt(mapAt(data, 'dev'), 'terminal');
  const hasTarget =
    textAt(terminal, 'imageSelector') !== '' || Object.keys(mapAt(terminal, 'labelSelector')).length > 0;
  const command = textsAt(terminal, 'command');
  if (hasTarget || command.length === 0) return [];
  return [command.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ')];
}
