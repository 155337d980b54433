import path from 'node:path/posix';
import { defined, isOn, listAt, mapAt, mapOrNothing, only, textAt, textsAt } from '../data.ts';
import { toSafeName } from '../names.ts';
import type { Data, UpgradeContext } from '../version.ts';

/** The list becomes a map; the source moves up to the dependency itself. */
export function toDependencies(data: Data, context: UpgradeContext): Data {
  const entries = listAt(data, 'dependencies').flatMap((dependency, index): [string, Data][] => {
    const source = mapOrNothing(dependency, 'source');
    if (!source) {
      context.report({
        severity: 'warning',
        path: ['dependencies', index],
        at: 'key',
        message: 'this has no effect, because it does not say where it comes from',
        allowed: 'source.path or source.git',
      });
      return [];
    }
    const name = toSafeName(textAt(dependency, 'name'));
    tellOrigins({ name, index, context });
    warnAboutDropped({ dependency, index, context });
    return [[name, { ...toSource(source), ...toDependency(dependency) }]];
  });
  return Object.fromEntries(entries);
}

/** Names of the dependencies that run, in the order of the file. */
export function activeDependencies(data: Data): string[] {
  return listAt(data, 'dependencies')
    .filter((dependency) => mapOrNothing(dependency, 'source') && !isOn(dependency, 'disabled'))
    .map((dependency) => toSafeName(textAt(dependency, 'name')));
}

function toDependency(dependency: Data): Data {
  const profile = textAt(dependency, 'profile');
  const profiles = [
    ...textsAt(dependency, 'profileParents'),
    ...textsAt(dependency, 'profiles'),
    ...(profile === '' ? [] : [profile]),
  ];
  const vars = listAt(dependency, 'vars').map((entry) => [textAt(entry, 'name'), textAt(entry, 'value')]);
  return defined({
    ...only(dependency, 'disableProfileActivation', 'overwriteVars', 'ignoreDependencies', 'namespace', 'disabled'),
    profiles: profiles.length > 0 ? profiles : undefined,
    vars: vars.length > 0 ? (Object.fromEntries(vars) as Data) : undefined,
  });
}

/** The file name of the configuration becomes part of the path. */
export function toSource(source: Data): Data {
  const configName = textAt(source, 'configName');
  const result = only(source, 'git', 'cloneArgs', 'disableShallow', 'subPath', 'branch', 'tag', 'revision', 'path');
  if (configName === '') return result;
  const key = textAt(source, 'path') === '' ? 'subPath' : 'path';
  return { ...result, [key]: path.join(textAt(source, key), configName) };
}

function warnAboutDropped({
  dependency,
  index,
  context,
}: {
  dependency: Data;
  index: number;
  context: UpgradeContext;
}) {
  const at = ['dependencies', index];
  const dev = mapAt(dependency, 'dev');
  if (['replacePods', 'sync', 'ports'].some((key) => isOn(dev, key))) {
    const message = 'the dependency’s own development services start with `pipeline: dev`';
    context.report({ severity: 'warning', path: [...at, 'dev'], at: 'key', message });
  }
  if (isOn(dependency, 'skipBuild')) {
    const message = '`skipBuild` has no effect any more';
    context.report({ severity: 'warning', path: [...at, 'skipBuild'], at: 'key', message });
  }
}

function tellOrigins({ name, index, context }: { name: string; index: number; context: UpgradeContext }): void {
  const to = ['dependencies', name];
  const from = ['dependencies', index];
  context.moved(to, from);
  for (const key of ['git', 'cloneArgs', 'disableShallow', 'subPath', 'branch', 'tag', 'revision', 'path']) {
    context.moved([...to, key], [...from, 'source', key]);
  }
}
