import { schemaOf } from '../schema/groups.ts';
import { v1beta11 as tree } from '../schema/v1beta11.ts';
import { defined, listAt, mapAt, mapOrNothing, only, textAt, textsAt, without } from './data.ts';
import { legacyOf, withLegacy } from './legacy.ts';
import { toSafeCommandName } from './names.ts';
import { toDependencies } from './to-v2beta1/dependencies.ts';
import { deployedNames, legacyHelm, toDeployments } from './to-v2beta1/deployments.ts';
import { toDev } from './to-v2beta1/dev.ts';
import { disabledImages, toImages, toPullSecrets } from './to-v2beta1/images.ts';
import { toPipelines } from './to-v2beta1/pipelines.ts';
import type { ConfigVersion, Data, UpgradeContext } from './version.ts';

/** The last format of DevSpace 5. What it did by itself stands in pipelines afterwards. */
export const v1beta11: ConfigVersion = {
  name: 'v1beta11',
  get schema() {
    return schemaOf(tree);
  },
  upgrade(data, context) {
    const { secrets, ensured } = toPullSecrets(data, context);
    const upgraded = defined({
      ...only(data, 'name', 'require', 'hooks'),
      legacy: data.legacy,
      pipelines: toPipelines(data, ensured),
      images: toImages(data, context),
      deployments: toDeployments(data, context),
      dev: toDev(data, context),
      vars: toVars(data, context),
      commands: toCommands(data, context),
      dependencies: toDependencies(data, context),
      pullSecrets: secrets,
    });
    const unused = Object.keys(secrets).filter((name) => !ensured.includes(name));
    return withLegacy(upgraded, toLegacy(data, unused));
  },
};

function toVars(data: Data, { moved }: UpgradeContext): Data {
  const entries = listAt(data, 'vars').map((variable, index): [string, Data] => {
    const name = textAt(variable, 'name');
    moved(['vars', name], ['vars', index]);
    return [name, { alwaysResolve: false, ...without(variable, 'name') }];
  });
  return { ...Object.fromEntries(entries), DEVSPACE_ENV_FILE: { value: '.env', alwaysResolve: false } };
}

function toCommands(data: Data, { moved }: UpgradeContext): Data {
  const entries = listAt(data, 'commands').map((command, index): [string, Data] => {
    const name = toSafeCommandName(textAt(command, 'name'));
    moved(['commands', name], ['commands', index]);
    return [name, without(command, 'name')];
  });
  return Object.fromEntries(entries);
}

function toLegacy(data: Data, disabledPullSecrets: readonly string[]) {
  const dev = mapAt(data, 'dev');
  const autoReload = mapOrNothing(dev, 'autoReload');
  const overrides = listAt(dev, 'deprecatedInteractiveImages').map((image) => ({
    name: textAt(image, 'name'),
    ...(image.entrypoint === undefined ? {} : { entrypoint: textsAt(image, 'entrypoint') }),
    ...(image.cmd === undefined ? {} : { cmd: textsAt(image, 'cmd') }),
  }));
  const isInteractive = dev.deprecatedInteractiveEnabled === true && !legacyOf(data).overrideImages;
  return {
    disabledImages: disabledImages(data),
    disabledPullSecrets,
    disabledDeployments: deployedNames(data).disabled,
    helm: legacyHelm(data),
    ...(autoReload ? { autoReload: only(autoReload, 'paths', 'deployments', 'images') } : {}),
    ...(isInteractive ? { overrideImages: overrides, terminal: { disabled: false } } : {}),
  };
}
