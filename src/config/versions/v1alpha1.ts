import type { KeyPath } from '../finding.ts';
import { schemaOf } from '../schema/groups.ts';
import { v1alpha1 as tree } from '../schema/v1alpha1.ts';
import { changeEntries, defined, isOn, listAt, mapAt, mapOrNothing, only, textAt, textsAt, without } from './data.ts';
import type { ConfigVersion, Data, UpgradeContext } from './version.ts';

/** The first format: everything about development under `devSpace`, images with a registry by name. */
export const v1alpha1: ConfigVersion = {
  name: 'v1alpha1',
  get schema() {
    return schemaOf(tree);
  },
  upgrade(data, context) {
    const devSpace = mapAt(data, 'devSpace');
    const deployments = toDeployments(data, context);
    const dev = toDev(data, context);
    for (const section of ['sync', 'ports', 'terminal', 'deployments']) {
      context.moved(section === 'deployments' ? [section] : ['dev', section], ['devSpace', section]);
    }
    context.moved(['dev', 'selectors'], ['devSpace', 'services']);
    if (mapOrNothing(data, 'internalRegistry')) {
      context.report(dropped(['internalRegistry'], 'a registry inside the cluster is not deployed any more'));
    }
    const upgraded = changeEntries(
      without(data, 'devSpace', 'registries', 'tiller', 'internalRegistry'),
      'images',
      (image, name) => toImage({ data, image, name, context }),
    );
    return {
      ...upgraded,
      ...(data.cluster === undefined
        ? {}
        : { cluster: without(mapAt(data, 'cluster'), 'cloudProvider', 'cloudProviderDeployTarget') }),
      ...(devSpace.deployments === undefined ? {} : { deployments }),
      dev,
    };
  },
};

const dropped = (path: KeyPath, message: string) => ({ severity: 'warning', path, at: 'key', message }) as const;

function toDeployments(data: Data, { report }: UpgradeContext): Data[] {
  const tillerNamespace = mapAt(data, 'tiller').namespace;
  return listAt(mapAt(data, 'devSpace'), 'deployments').map((deployment, index) => {
    const result = without(deployment, 'autoReload', 'helm', 'kubectl');
    if (deployment.kubectl) return { ...result, kubectl: deployment.kubectl };
    const helm = mapOrNothing(deployment, 'helm');
    if (!helm) return result;
    if (helm.devOverwrite !== undefined && helm.override !== undefined) {
      const path = ['devSpace', 'deployments', index, 'helm', 'devOverwrite'];
      report(dropped(path, '`override` takes the place of `devOverwrite`'));
    }
    const override = helm.override ?? helm.devOverwrite;
    return {
      ...result,
      helm: defined({
        ...only(helm, 'chartPath', 'wait', 'overrideValues'),
        overrides: override === undefined ? undefined : [override],
        tillerNamespace: tillerNamespace ?? helm.tillerNamespace,
      }),
    };
  });
}

function toDev(data: Data, context: UpgradeContext): Data {
  const devSpace = mapAt(data, 'devSpace');
  return defined({
    sync: devSpace.sync && listAt(devSpace, 'sync').map(toSelector),
    ports: devSpace.ports && listAt(devSpace, 'ports').map((ports) => without(toSelector(ports), 'resourceType')),
    terminal: devSpace.terminal && without(toSelector(mapAt(devSpace, 'terminal')), 'resourceType'),
    selectors: devSpace.services && listAt(devSpace, 'services').map((service) => without(service, 'resourceType')),
    autoReload: toAutoReload(data, context),
  });
}

function toSelector(target: Data): Data {
  return defined({ ...without(target, 'service'), selector: target.service });
}

/** What was set for each image and deployment becomes lists of names; it was on unless disabled. */
function toAutoReload(data: Data, { moved }: UpgradeContext): Data | undefined {
  const devSpace = mapAt(data, 'devSpace');
  const isReloaded = (part: Data): boolean => !isOn(mapAt(part, 'autoReload'), 'disabled');
  const images = Object.entries(mapAt(data, 'images'))
    .filter(([name]) => isReloaded(mapAt(mapAt(data, 'images'), name)))
    .map(([name]) => name);
  const deployments = listAt(devSpace, 'deployments')
    .filter(isReloaded)
    .map((deployment) => textAt(deployment, 'name'));
  const paths = textsAt(mapAt(devSpace, 'autoReload'), 'paths');
  const [firstImage] = images;
  const others = firstImage === undefined ? ['devSpace', 'deployments'] : ['images', firstImage];
  moved(['dev', 'autoReload'], paths.length > 0 ? ['devSpace', 'autoReload'] : others);
  if (images.length + deployments.length + paths.length === 0) return undefined;
  return defined({
    paths: paths.length > 0 ? paths : undefined,
    deployments: deployments.length > 0 ? deployments : undefined,
    images: images.length > 0 ? images : undefined,
  });
}

interface ImageToUpgrade {
  readonly data: Data;
  readonly image: Data;
  readonly name: string;
  readonly context: UpgradeContext;
}

/** The registry that an image names becomes part of its name. */
function toImage({ data, image, name, context }: ImageToUpgrade): Data {
  const result = without(image, 'name', 'registry', 'autoReload');
  const registryName = textAt(image, 'registry');
  context.moved(['images', name, 'image'], ['images', name, 'name']);
  if (registryName === '') return { ...result, image: textAt(image, 'name') };
  const registry = mapOrNothing(mapAt(data, 'registries'), registryName);
  const url = registry ? textAt(registry, 'url') : '';
  if (url === '') {
    context.report({
      severity: 'error',
      path: ['images', name, 'registry'],
      at: 'value',
      message: `there is no registry \`${registryName}\` with a url under \`registries\``,
      allowed: Object.keys(mapAt(data, 'registries')).join(', '),
    });
    return { ...result, image: textAt(image, 'name') };
  }
  if (registry?.auth !== undefined) {
    const path = ['registries', registryName, 'auth'];
    context.report(dropped(path, 'logins do not belong into this file any more: run `docker login` once'));
  }
  return { ...result, image: `${url}/${textAt(image, 'name')}` };
}
