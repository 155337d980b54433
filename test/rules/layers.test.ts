import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const source = path.resolve(import.meta.dirname, '../../src');

interface Room {
  /** Folders of `src` that may be imported; a path with a file name allows just that file. */
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
}

const engine: Room = {
  rooms: ['core', 'config/types.ts', 'config/yaml-documents.ts', 'kube', 'docker', 'helm', 'archive', 'watch'],
  packages: [],
};

/** Table B of `docs/architecture.md`: who may import what. Each package appears in one room only. */
const house: Readonly<Record<string, Room>> = {
  core: { rooms: [], packages: [] },
  config: {
    rooms: ['core'],
    packages: ['js-yaml', 'yaml', '@sinclair/typebox', 'semver'],
  },
  kube: { rooms: ['core'], packages: ['@kubernetes/client-node'] },
  docker: { rooms: ['core'], packages: ['dockerode'] },
  helm: { rooms: ['core'], packages: [] },
  archive: { rooms: ['core'], packages: ['tar-stream'] },
  watch: { rooms: ['core'], packages: ['chokidar'] },
  build: { ...engine, packages: ['dockerfile-ast', '@balena/dockerignore'] },
  deploy: { rooms: [...engine.rooms, 'config/patch-data.ts'], packages: ['tinyglobby'] },
  link: engine,
  forward: engine,
  sync: { ...engine, packages: ['ignore'] },
  terminal: engine,
  logs: engine,
  workflows: {
    rooms: [
      'core',
      'config',
      'kube',
      'docker',
      'helm',
      'archive',
      'watch',
      'build',
      'deploy',
      'link',
      'forward',
      'sync',
      'terminal',
      'logs',
    ],
    packages: [],
  },
  cli: {
    rooms: ['core', 'config', 'workflows', 'kube', 'docker', 'embedded/cluster.ts'],
    packages: ['commander', 'inquirer', 'chalk'],
  },
  embedded: { rooms: ['core'], packages: ['dockerfile-ast', '@balena/dockerignore', 'js-yaml'] },
};

/** `embedded` is a house of its own that may import no other room: it may bring a package that another room has too. */
const sharedWithEmbedded = ['dockerfile-ast', '@balena/dockerignore', 'js-yaml'];

/** What only the composition root may touch: the real clients that contact a cluster or an engine. */
const realClients = ['kube/real-client.ts', 'docker/dockerode-client.ts'];
const compositionRoot = 'cli/create-tools.ts';

interface Import {
  readonly from: string;
  readonly to: string;
}

function sourceFiles(): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.split(path.sep).join('/'));
}

function importsOf(file: string, text: string): Import[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => ({
    from: file,
    to: fileName.startsWith('.') ? path.posix.join(path.posix.dirname(file), fileName) : fileName,
  }));
}

/** The sentence that names the broken rule, or nothing. */
function violation({ from, to }: Import): string | undefined {
  const room = from.split('/')[0] ?? '';
  const rules = house[room];
  if (!rules) return `${from}: the folder ${room} is not in the plan of the house`;
  if (to.startsWith('node:')) return undefined;
  const isFile = to.endsWith('.ts') || to.endsWith('.json');
  if (!isFile) {
    const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] ?? '');
    return rules.packages.includes(name) ? undefined : `${from}: the package ${name} does not belong into ${room}`;
  }
  if (realClients.includes(to) && from !== compositionRoot && to.split('/')[0] !== room) {
    return `${from}: ${to} arrives through tools, only ${compositionRoot} imports it`;
  }
  const allowed = to.split('/')[0] === room || rules.rooms.some((entry) => to === entry || to.startsWith(`${entry}/`));
  if (allowed || to === '../package.json') return undefined;
  return `${from}: ${room} may not import ${to}`;
}

function cycles(imports: readonly Import[]): string[] {
  const edges = new Map<string, string[]>();
  for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to]);
  const found: string[] = [];
  const state = new Map<string, 'open' | 'closed'>();
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === 'closed') return;
    if (state.get(file) === 'open') {
      found.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
      return;
    }
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
    state.set(file, 'closed');
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

const imports = sourceFiles().flatMap((file) => importsOf(file, readFileSync(path.join(source, file), 'utf8')));

describe('the house', () => {
  test('has source files to look at', () => expect(imports.length).toBeGreaterThan(50));

  test('imports point down only and each package has one room', () => {
    expect(imports.map(violation).filter(Boolean)).toEqual([]);
  });

  test('no package is allowed in two rooms', () => {
    const owners = Object.entries(house).flatMap(([name, { packages }]) =>
      name === 'embedded' ? packages.filter((entry) => !sharedWithEmbedded.includes(entry)) : packages,
    );
    expect(owners).toEqual([...new Set(owners)]);
  });

  test('has no import cycle', () => expect(cycles(imports)).toEqual([]));

  test('has no folder or file called utils, helpers or common', () => {
    expect(sourceFiles().filter((file) => /(^|\/)(utils?|helpers?|common)(\/|\.)/.test(file))).toEqual([]);
  });

  test('file names are kebab-case', () => {
    expect(sourceFiles().filter((file) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*\.ts$/.test(file))).toEqual([]);
  });
});

describe('the rule itself', () => {
  test.each([
    ['core/log.ts', 'kube/client.ts'],
    ['build/tag.ts', 'deploy/apply.ts'],
    ['build/tag.ts', 'config/load.ts'],
    ['sync/plan.ts', 'kube/real-client.ts'],
    ['workflows/dev.ts', 'cli/main.ts'],
    ['cli/commands/dev.ts', 'sync/session.ts'],
    ['cli/commands/dev.ts', 'docker/dockerode-client.ts'],
    ['config/load.ts', 'chalk'],
    ['deploy/apply.ts', '@kubernetes/client-node'],
    ['embedded/server.ts', 'kube/client.ts'],
    ['stray/file.ts', 'core/log.ts'],
  ])('refuses %s → %s', (from, to) => expect(violation({ from, to })).toBeTypeOf('string'));

  test('finds a cycle', () => {
    expect(
      cycles([
        { from: 'a.ts', to: 'b.ts' },
        { from: 'b.ts', to: 'a.ts' },
      ]),
    ).toEqual(['a.ts → b.ts → a.ts']);
  });
});
