import { schemaOf } from '../schema/groups.ts';
import { v1beta10 as tree } from '../schema/v1beta10.ts';
import {
  changeItems,
  changeMap,
  defined,
  listAt,
  mapAt,
  mapOrNothing,
  numberAt,
  textAt,
  textsAt,
  without,
} from './data.ts';
import type { ConfigVersion, Data, UpgradeContext } from './version.ts';

export const v1beta10: ConfigVersion = {
  name: 'v1beta10',
  get schema() {
    return schemaOf(tree);
  },
  upgrade(data, context) {
    let upgraded = changeItems(data, 'dependencies', (dependency) => ({ overwriteVars: true, ...dependency }));
    upgraded = changeItems(upgraded, 'commands', (command) => ({ appendArgs: true, ...command }));
    upgraded = changeItems(upgraded, 'deployments', (deployment) => changeMap(deployment, 'helm', withDuration));
    upgraded = changeItems(upgraded, 'hooks', (hook, index) => toHook(hook, { index, context }));
    return changeMap(upgraded, 'dev', (dev) => toDev(dev, context));
  },
};

/** Helm 3 wants a duration where Helm 2 took seconds. */
function withDuration(helm: Data): Data {
  const seconds = numberAt(helm, 'timeout');
  return seconds === undefined ? helm : { ...helm, timeout: `${String(seconds)}s` };
}

function toDev(dev: Data, { moved }: UpgradeContext): Data {
  let upgraded = dev;
  for (const section of ['replacePods', 'ports', 'sync']) {
    upgraded = changeItems(upgraded, section, (part, index) => {
      moved(['dev', section, index, 'imageSelector'], ['dev', section, index, 'imageName']);
      return withImageSelector(part);
    });
  }
  upgraded = changeMap(upgraded, 'terminal', withImageSelector);
  moved(['dev', 'terminal', 'imageSelector'], ['dev', 'terminal', 'imageName']);
  return changeMap(upgraded, 'logs', (logs) => {
    const fromImages = textsAt(logs, 'images').map((image) => ({ imageSelector: toImageSelector(image) }));
    const own = listAt(logs, 'selectors');
    return defined({
      ...without(logs, 'images'),
      selectors: logs.images === undefined && logs.selectors === undefined ? undefined : [...own, ...fromImages],
    });
  });
}

/** An image of the file by its key: its name and the tag that was built last. */
const toImageSelector = (name: string): string => `image(${name}):tag(${name})`;

function withImageSelector(part: Data): Data {
  const name = textAt(part, 'imageName');
  const rest = without(part, 'imageName');
  return name === '' ? rest : { ...rest, imageSelector: toImageSelector(name) };
}

function toHook(hook: Data, { index, context }: { index: number; context: UpgradeContext }): Data {
  const container = mapOrNothing(mapAt(hook, 'where'), 'container');
  context.moved(['hooks', index, 'events'], ['hooks', index, 'when']);
  context.moved(['hooks', index, 'container'], ['hooks', index, 'where', 'container']);
  return {
    ...without(hook, 'when', 'where'),
    events: toEvents(mapAt(hook, 'when')),
    ...(container ? { container: withImageSelector(container) } : {}),
  };
}

function toEvents(when: Data): string[] {
  return [
    ...eventsAt({ moment: 'after', at: mapAt(when, 'after') }),
    ...eventsAt({ moment: 'before', at: mapAt(when, 'before') }),
    ...eventsAt({ moment: 'error', at: mapAt(when, 'onError') }),
  ];
}

function eventsAt({ moment, at }: { moment: string; at: Data }): string[] {
  const named = (event: string, key: string): string[] => {
    const each = event === 'initialSync' || moment === 'error';
    return toEventNames({ base: `${moment}:${event}`, names: textAt(at, key), each });
  };
  const whole = (event: string, key: string): string[] => (textAt(at, key) === '' ? [] : [`${moment}:${event}`]);
  return [
    ...named('build', 'images'),
    ...named('deploy', 'deployments'),
    ...named('purge', 'purgeDeployments'),
    ...whole('createPullSecrets', 'pullSecrets'),
    ...whole('deployDependencies', 'dependencies'),
    ...named('initialSync', 'initialSync'),
  ];
}

/** `all` means the step as a whole, or each part of it where only parts have events. */
function toEventNames({ base, names, each }: { base: string; names: string; each: boolean }): string[] {
  if (names === '') return [];
  if (names === 'all') return [each ? `${base}:*` : base];
  return names.split(',').map((name) => `${base}:${name.trim()}`);
}
