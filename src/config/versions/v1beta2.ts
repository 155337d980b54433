import { schemaOf } from '../schema/groups.ts';
import { toSuggestion } from '../schema/suggestion.ts';
import { v1beta2 as tree } from '../schema/v1beta2.ts';
import {
  changeEntries,
  changeItems,
  changeMap,
  defined,
  isOn,
  listAt,
  mapAt,
  mapOrNothing,
  only,
  rename,
  textAt,
  textsAt,
  without,
} from './data.ts';
import { type Legacy, type LegacyOverride, type LegacySelector, withLegacy } from './legacy.ts';
import type { ConfigVersion, Data, UpgradeContext } from './version.ts';

/** The format of DevSpace 3: named selectors, and images that get another entrypoint during `devspace dev`. */
export const v1beta2: ConfigVersion = {
  name: 'v1beta2',
  get schema() {
    return schemaOf(tree);
  },
  upgrade(data, context) {
    const dev = mapAt(data, 'dev');
    let upgraded = without(data, 'cluster', 'dev');
    upgraded = changeEntries(upgraded, 'images', (image) => ({ createPullSecret: false, ...image }));
    upgraded = changeItems(upgraded, 'deployments', (deployment) =>
      changeMap(deployment, 'helm', (helm) => rename(helm, 'devSpaceValues', 'replaceImageTags')),
    );
    upgraded = changeItems(upgraded, 'dependencies', (dependency, index) => {
      context.moved(['dependencies', index, 'profile'], ['dependencies', index, 'config']);
      return rename(dependency, 'config', 'profile');
    });
    return withLegacy({ ...upgraded, dev: toDev(dev, context) }, toLegacy(data, context));
  },
};

function toDev(dev: Data, context: UpgradeContext): Data {
  const terminal = mapAt(dev, 'terminal');
  const withTargets = changeItems(
    changeItems(dev, 'ports', (ports, index) =>
      withSelector({ part: ports, dev, path: ['dev', 'ports', index], context }),
    ),
    'sync',
    (sync, index) => withSelector({ part: sync, dev, path: ['dev', 'sync', index], context }),
  );
  context.moved(['dev', 'interactive', 'terminal'], ['dev', 'terminal']);
  context.moved(['dev', 'interactive', 'images'], ['dev', 'overrideImages']);
  const targetKeys = ['command', 'selector', 'labelSelector', 'namespace', 'containerName'];
  const hasTarget = targetKeys.some((key) => terminal[key] !== undefined);
  return {
    ...without(withTargets, 'overrideImages', 'terminal', 'selectors'),
    ports: listAt(withTargets, 'ports').map((ports) => without(ports, 'containerName')),
    interactive: defined({
      defaultEnabled: !isOn(terminal, 'disabled'),
      images: dev.overrideImages === undefined ? undefined : listAt(dev, 'overrideImages').map(toInteractiveImage),
      terminal: hasTarget
        ? only(
            withSelector({ part: terminal, dev, path: ['dev', 'terminal'], context }),
            'labelSelector',
            'namespace',
            'containerName',
            'command',
          )
        : undefined,
    }),
  };
}

/** The form that the newer versions have: the first word as entrypoint, the others as arguments. */
function toInteractiveImage(override: Data): Data {
  const [entrypoint, ...cmd] = textsAt(override, 'entrypoint');
  return { name: textAt(override, 'name'), entrypoint: entrypoint === undefined ? [] : [entrypoint], cmd };
}

interface PartWithSelector {
  readonly part: Data;
  readonly dev: Data;
  readonly path: readonly (string | number)[];
  readonly context: UpgradeContext;
}

/** What the named selector says stands in its place. Its labels count, what the part itself says about the rest, too. */
function withSelector({ part, dev, path, context }: PartWithSelector): Data {
  const name = textAt(part, 'selector');
  const rest = without(part, 'selector');
  if (name === '') return rest;
  const selectors = listAt(dev, 'selectors');
  const index = selectors.findIndex((selector) => textAt(selector, 'name') === name);
  const selector = selectors[index];
  if (!selector) {
    const known = selectors.map((candidate) => textAt(candidate, 'name'));
    const suggestion = toSuggestion(name, known);
    context.report({
      severity: 'error',
      path: [...path, 'selector'],
      at: 'value',
      message: `there is no selector \`${name}\` under \`dev.selectors\``,
      allowed: known.length === 0 ? 'dev.selectors is empty' : known.join(', '),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    return rest;
  }
  context.moved([...path, 'labelSelector'], ['dev', 'selectors', index, 'labelSelector']);
  return { ...rest, ...only(selector, 'labelSelector', 'namespace', 'containerName') };
}

function toLegacy(data: Data, { report }: UpgradeContext): Legacy {
  const dev = mapAt(data, 'dev');
  const cluster = mapOrNothing(data, 'cluster');
  const terminal = mapAt(dev, 'terminal');
  if (cluster) {
    report({
      severity: 'warning',
      path: ['cluster'],
      at: 'key',
      message:
        'newer versions have no `cluster`: it counts here, but the flags --kube-context and --namespace go first',
    });
  }
  return {
    ...(cluster ? { cluster: only(cluster, 'kubeContext', 'namespace') } : {}),
    overrideImages: listAt(dev, 'overrideImages').map(toOverride),
    selectors: listAt(dev, 'selectors').map(toNamedSelector),
    terminal: { disabled: isOn(terminal, 'disabled'), ...only(terminal, 'command') },
  };
}

/** DevSpace 3 puts the whole list in place of the entrypoint and lets nothing of the image's command follow it. */
function toOverride(override: Data): LegacyOverride {
  const entrypoint = override.entrypoint === undefined ? undefined : textsAt(override, 'entrypoint');
  return {
    name: textAt(override, 'name'),
    ...(entrypoint === undefined ? {} : { entrypoint, cmd: [] }),
    ...only(override, 'dockerfile', 'context'),
  };
}

function toNamedSelector(selector: Data): LegacySelector {
  return { name: textAt(selector, 'name'), ...only(selector, 'labelSelector', 'namespace', 'containerName') };
}
