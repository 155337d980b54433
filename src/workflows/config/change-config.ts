import type { Change } from '../../config/edit/change.ts';
import { changeText } from '../../config/edit/changes.ts';
import type { Edit } from '../../config/edit/edit.ts';
import { editText } from '../../config/edit/edit-text.ts';
import { UserError } from '../../core/errors.ts';
import type { ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { changeFile, rootOf } from './edit-file.ts';
import { allOf, planService, type Service, type ServiceTarget } from './plan-service.ts';

/** Makes the changes one after the other, all or none. Returns the name of the file. */
export async function changeConfig(changes: readonly Change[], options: ProjectOptions, tools: Tools): Promise<string> {
  return changeFile(options, tools, ({ text }) => changes.reduce(changeText, text));
}

export interface NewImage {
  readonly name: string;
  readonly image: string;
  readonly tag?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly context?: string | undefined;
  /** Absent: the engine that the version takes by itself. */
  readonly engine?: 'docker' | 'kaniko' | undefined;
}

export async function addImage(image: NewImage, options: ProjectOptions, tools: Tools): Promise<string> {
  const { name, engine, ...rest } = image;
  return changeFile(options, tools, (source) => {
    const text = changeText(source.text, { kind: 'add image', name, ...given(rest) });
    if (engine === undefined) return text;
    const inBuild = !/^v2/.test(versionOf(source));
    const path = ['images', name, ...(inBuild ? ['build'] : []), engine];
    return editText(text, [{ kind: 'set', path, value: {} }]);
  });
}

/** Adds ports or folders for one target. */
export async function addServices(
  services: readonly Service[],
  target: ServiceTarget,
  world: { readonly options: ProjectOptions; readonly tools: Tools },
): Promise<string> {
  return changeFile(world.options, world.tools, (source) =>
    services.reduce((text, service) => {
      const edit = planService(rootOf({ ...source, text }), target, service);
      return editText(text, [edit]);
    }, source.text),
  );
}

/** Takes out everything of a kind. Nothing of the kind is no mistake. */
export async function removeAll(
  kind: Parameters<typeof allOf>[1],
  options: ProjectOptions,
  tools: Tools,
): Promise<string> {
  return changeFile(options, tools, (source) => {
    const edits = allOf(rootOf(source), kind).map((path): Edit => ({ kind: 'remove', path }));
    return editText(source.text, edits);
  });
}

/** `8080` or `8080:3000`, several with commas. */
export function parsePorts(words: readonly string[]): Extract<Service, { readonly list: 'ports' }>[] {
  return words
    .flatMap((word) => word.split(','))
    .map((word) => {
      const [local = '', remote = local] = word.split(':');
      const numbers = [toPort(local, word), toPort(remote, word)] as const;
      return { list: 'ports', port: numbers[0], remotePort: numbers[1] };
    });
}

function toPort(text: string, whole: string): number {
  const port = /^\d+$/.test(text.trim()) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw new UserError('USAGE', `${whole} is no port`, { hint: 'Write ports like 8080 or 8080:3000.' });
}

const versionOf = (source: Parameters<typeof rootOf>[0]): string => {
  const version = rootOf(source).entries.get('version')?.value;
  return version?.kind === 'scalar' ? String(version.value) : '';
};

/** Without keys that are undefined. */
export function given<T extends object>(data: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}
