import type { Random } from './mutate.ts';

/** A file that looks like a configuration: known keys of all versions in random order, depth and types. */
export function generate(random: Random): string {
  const version = random.pick(['v1beta2', 'v1beta5', 'v1beta9', 'v1beta11', 'v2beta1']);
  const sections = Array.from({ length: random.below(6) + 1 }, () => random.pick(Object.keys(shapes)));
  const lines = [...new Set(sections)].flatMap((name) => [`${name}:`, ...indented(shapes[name]?.(random) ?? [])]);
  return [`version: ${version}`, ...(version === 'v2beta1' ? ['name: fuzz'] : []), ...lines, ''].join('\n');
}

type Shape = (random: Random) => string[];

const shapes: Readonly<Record<string, Shape>> = {
  images: (random) =>
    named(random, (name) => [
      `image: ${text(random)}/${name}`,
      ...some(random, [
        `tags: [${text(random)}]`,
        `dockerfile: ${text(random)}`,
        'build: {docker: {skipPush: true}}',
        `entrypoint: [${text(random)}]`,
        'rebuildStrategy: always',
      ]),
    ]),
  deployments: (random) =>
    eitherShape(random, (name) =>
      some(random, [
        `namespace: ${text(random)}`,
        `kubectl: {manifests: [${text(random)}]}`,
        `helm: {values: {a: ${text(random)}}}`,
        `helm: {chart: {name: ${name}}}`,
      ]),
    ),
  vars: (random) =>
    eitherShape(random, () =>
      some(random, [
        `default: ${text(random)}`,
        'source: env',
        'source: none',
        `value: ${text(random)}`,
        'question: q',
        'options: [a, b]',
        'password: true',
        'command: echo x',
      ]),
    ),
  dev: (random) =>
    some(random, [
      'ports: [{labelSelector: {a: b}, forward: [{port: 80}]}]',
      `sync: [{imageSelector: ${text(random)}, localSubPath: ./}]`,
      'terminal: {disabled: true}',
      `app: {labelSelector: {a: ${text(random)}}, ports: [{port: "80:81"}]}`,
      'logs: {showLast: 5}',
      'selectors: [{name: a, labelSelector: {a: b}}]',
    ]),
  profiles: (random) =>
    Array.from(
      { length: random.below(3) + 1 },
      (_, index) =>
        `- {name: p${index}, ${random.pick(['parent: p0', 'patches: [{op: remove, path: images}]', 'patches: [{op: add, path: "images.x", value: {image: y}}]', 'merge: {images: {m: {image: n}}}', 'replace: {images: {}}', 'activation: [{env: {HOME: ".*"}}]'])}}`,
    ),
  hooks: (random) =>
    [`- {command: ${text(random)}, events: [before:deploy]}`, '- {command: echo, when: {before: {images: all}}}'].slice(
      random.below(2),
    ),
  commands: (random) => eitherShape(random, () => [`command: echo ${text(random)}`]),
  dependencies: (random) => eitherShape(random, () => [`source: {path: ${text(random)}}`]),
  require: () => ['devspace: ">= 1"'],
  pullSecrets: (random) => eitherShape(random, () => [`registry: ${text(random)}`]),
  imports: (random) => [`- path: ${text(random)}`],
  pipelines: (random) => [`dev: ${text(random)}`],
  cluster: (random) => [`namespace: ${text(random)}`],
};

function text(random: Random): string {
  return random.pick([
    'a',
    'b/c',
    '"${V0}"',
    '"x-${V1}"',
    '"$!{V2}"',
    '"${NONE}"',
    '8080',
    'true',
    '"$${V0}"',
    '"${DEVSPACE_RANDOM}"',
    '[a]',
    '{b: c}',
    'null',
    '"image(a):tag(a)"',
    '"${runtime.images.a}"',
  ]);
}

function some(random: Random, lines: readonly string[]): string[] {
  const chosen = lines.filter(() => random.below(2) === 0);
  return chosen.length === 0 ? [lines[0] ?? ''] : chosen;
}

function named(random: Random, entry: (name: string) => string[]): string[] {
  return Array.from({ length: random.below(3) + 1 }, (_, index) => `V${index}`).flatMap((name) => [
    `${name}:`,
    ...indented(entry(name)),
  ]);
}

/** As a map by name, or as a list of entries with names. */
function eitherShape(random: Random, entry: (name: string) => string[]): string[] {
  if (random.below(2) === 0) return named(random, entry);
  return Array.from({ length: random.below(3) + 1 }, (_, index) => index).flatMap((index) => [
    `- name: V${index}`,
    ...indented(entry(`V${index}`)),
  ]);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
