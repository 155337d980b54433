import type { Finding } from '../../finding.ts';
import { safeCommandName, safeName } from '../../versions/names.ts';
import type { Model } from '../v2beta1.ts';
import { checkDeployments } from './deployments.ts';
import { checkDev } from './dev.ts';
import { allowedNames, isBlank, missing, unsafeNames, wrong, wrongKey } from './findings.ts';
import { checkHooks } from './hooks.ts';
import { checkImages } from './images.ts';

/**
 * What the key tree cannot say: names, keys that need or exclude each other, values that must be unique. The paths are
 * those of the model; `origins.toDeclared` leads to the user's text. Source: section 9.8 of the reference.
 */
export function checkSemantics(model: Model): Finding[] {
  return [
    ...checkName(model),
    ...checkRequire(model),
    ...unsafeNames('pipelines', model.pipelines, safeName),
    ...checkImages(model),
    ...checkDev(model),
    ...checkHooks(model),
    ...checkDeployments(model),
    ...checkPullSecrets(model),
    ...checkCommands(model),
    ...checkDependencies(model),
    ...checkFunctions(model),
  ];
}

function checkName({ name }: Model): Finding[] {
  return isBlank(name) || safeName.test(name ?? '')
    ? []
    : [wrong(['name'], `\`${name ?? ''}\` is not a valid name`, allowedNames)];
}

function checkRequire({ require: required }: Model): Finding[] {
  return (['plugins', 'commands'] as const).flatMap((section) =>
    (required?.[section] ?? []).flatMap((entry, index) =>
      (['name', 'version'] as const)
        .filter((key) => isBlank(entry[key]))
        .map((key) => missing(['require', section, index], key)),
    ),
  );
}

function checkPullSecrets({ pullSecrets = {} }: Model): Finding[] {
  return [
    ...unsafeNames('pullSecrets', pullSecrets, safeName),
    ...Object.entries(pullSecrets)
      .filter(([, { registry }]) => isBlank(registry))
      .map(([name]) => missing(['pullSecrets', name], 'registry')),
  ];
}

function checkCommands({ commands = {} }: Model): Finding[] {
  return [
    ...unsafeNames('commands', commands, safeCommandName),
    ...Object.entries(commands)
      .filter(([, command]) => isBlank(typeof command === 'string' ? command : command.command))
      .map(([name]) => missing(['commands', name], 'command')),
  ];
}

function checkDependencies({ dependencies = {} }: Model): Finding[] {
  return [
    ...unsafeNames('dependencies', dependencies, safeName),
    ...Object.entries(dependencies)
      .filter(([, { git, path }]) => isBlank(git) && isBlank(path))
      .map(([name]) => wrongKey(['dependencies', name], 'this does not say where it comes from', 'one of path, git')),
  ];
}

/** Words that the shell of the pipelines keeps for itself. Source: section 9.8 of the reference. */
const reservedFunctions = new Set(
  `true : false exit set shift unset echo printf break continue pwd cd wait builtin trap type source . command dirs
  pushd popd umask alias unalias fg bg getopts eval test devspace [ exec return read shopt`.split(/\s+/),
);

function checkFunctions({ functions = {} }: Model): Finding[] {
  return Object.keys(functions)
    .filter((name) => reservedFunctions.has(name))
    .map((name) => wrongKey(['functions', name], `\`${name}\` is a word of the shell itself`, 'any other name'));
}
