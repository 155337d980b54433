/** One place where two documents differ. */
export interface Difference {
  readonly path: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** How to compare two texts that are not the same. */
export type IsSameText = (ours: string, theirs: string) => boolean;

/** All places where two documents differ as data; the order of keys does not count. */
export function differences(ours: unknown, theirs: unknown, isSameText: IsSameText): Difference[] {
  return differencesAt({ ours: withSteadySecrets(ours), theirs: withSteadySecrets(theirs), path: '' }, isSameText);
}

function differencesAt({ ours, theirs, path }: Difference, isSameText: IsSameText): Difference[] {
  if (isMap(ours) && isMap(theirs)) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) =>
      differencesAt({ ours: ours[key], theirs: theirs[key], path: path === '' ? key : `${path}.${key}` }, isSameText),
    );
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const length = Math.max(ours.length, theirs.length);
    return Array.from({ length }).flatMap((_, index) =>
      differencesAt({ ours: ours[index], theirs: theirs[index], path: `${path}[${String(index)}]` }, isSameText),
    );
  }
  const isText = typeof ours === 'string' && typeof theirs === 'string';
  const isSame =
    Object.is(ours, theirs) || (isText && (isSameText(ours, theirs) || isSameScript({ ours, theirs, path })));
  return isSame ? [] : [{ path, ours, theirs }];
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Times and commits are different in each run, and so are random letters where the file asks for them. */
export function toTextComparison(source: string): IsSameText {
  const hasRandom = /DEVSPACE_RANDOM|devspace\.random/.test(source);
  const toSteadyText = (text: string): string => {
    const steady = text.replace(/(?<!\d)1[789]\d{8}(?!\d)/g, '<time>').replace(/\b7513c704?\b/g, '<commit>');
    return hasRandom ? steady.replace(/\b[A-Za-z]{6}\b/g, '<random>') : steady;
  };
  return (ours, theirs) => toSteadyText(ours) === toSteadyText(theirs);
}

/** Which of several images of a registry names its pull secret is random: here the registry does. */
function withSteadySecrets(document: unknown): unknown {
  if (!isMap(document) || !isMap(document.pullSecrets)) return document;
  const names = new Map<string, string>();
  for (const [name, secret] of Object.entries(document.pullSecrets)) {
    const isGenerated = isMap(secret) && Object.keys(secret).length === 1 && typeof secret.registry === 'string';
    names.set(name, isGenerated ? `for-${String(secret.registry)}` : name);
  }
  const rename = (name: string): string => names.get(name) ?? name;
  const pullSecrets = Object.entries(document.pullSecrets).map(([name, secret]) => [rename(name), secret]);
  return {
    ...document,
    pullSecrets: Object.fromEntries(pullSecrets) as unknown,
    pipelines: isMap(document.pipelines) ? withRenamedSecrets(document.pipelines, rename) : document.pipelines,
  };
}

function withRenamedSecrets(pipelines: Record<string, unknown>, rename: (name: string) => string): unknown {
  const text = JSON.stringify(pipelines);
  const renamed = text.replace(/(?<=ensure_pull_secrets )[^\\"]+/g, (names) => names.split(' ').map(rename).join(' '));
  return JSON.parse(renamed);
}

/** The original takes the names in these generated lines in random order. */
function isSameScript({ ours, theirs, path }: { ours: unknown; theirs: unknown; path: string }): boolean {
  if (!/^pipelines\.[\w-]+\.run$/.test(path) || typeof ours !== 'string' || typeof theirs !== 'string') return false;
  return toSortedLines(ours) === toSortedLines(theirs);
}

const toSortedLines = (script: string): string =>
  script
    .split('\n')
    .map((line) => (/^(build_images|ensure_pull_secrets) /.test(line) ? line.split(' ').sort().join(' ') : line))
    .join('\n');
