import { type ConfigFlags, configFlags } from './config-flags.ts';
import { type Problem, problemLine, toConfigError } from './diagnostics.ts';
import { child, type MappingNode, type Node, withEntry } from './document/node.ts';
import { openSource, resolveImports } from './imports/resolve-imports.ts';
import type { LoadedProject } from './loaded-project.ts';
import { applyProfiles } from './profiles/apply.ts';
import { type Selection, selectProfiles } from './profiles/prepare.ts';
import { projectNameOf, withoutWrongName } from './project-name.ts';
import { readDocument, type WrittenDocument } from './read-document.ts';
import { resolve } from './resolve.ts';
import { type LoadOptions, openSession, requestedProfiles, type Session } from './session.ts';
import { toDefinitions } from './variables/definition.ts';
import { readEnvFile } from './variables/env-file.ts';
import { eraOf } from './variables/era.ts';
import { fillVariables } from './variables/fill.ts';
import { fillProject } from './variables/fill-project.ts';
import { parseVariableFlags } from './variables/flags.ts';
import { createResolver, type Resolver } from './variables/resolver.ts';
import {
  failOn,
  strictProblems,
  toFilled,
  upgrade,
  type Verification,
  withOtherMistakes,
  withoutSecrets,
} from './verify.ts';
import { versionOf } from './version-of.ts';
import { knownVersions } from './versions/ladder.ts';

export type { LoadOptions } from './session.ts';

/**
 * Finds, reads and understands the configuration. All findings come at once as `CONFIG_INVALID`; variables, profiles and
 * imports have codes of their own. Answers to questions are remembered even when a later stage fails.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedProject> {
  const session = await openSession(options);
  try {
    return await loadStages(session);
  } finally {
    await session.state.save();
  }
}

async function loadStages(session: Session): Promise<LoadedProject> {
  const { document, verification } = await readVersioned(session);
  const run = await prepareRun(session, document, verification);
  const written = await resolveImports(document.root, run);
  const { selection, profiled, patchWarnings } = await applySelection(written, run);
  const filled = await fill(onlySections(profiled, session.options.sections), run);
  const filledDocument = toFilled(filled.root);
  const strict = withoutSecrets(strictProblems(filledDocument, verification), run.resolver);
  failOn(strict, filled.root, verification);
  const upgraded = upgrade(filledDocument, verification);
  const semantic = withoutSecrets(upgraded.problems, run.resolver);
  if (semantic.some(({ severity }) => severity === 'error')) throw toConfigError(semantic, verification.cwd);
  const { model, legacy, origins } = upgraded;
  const { projectRoot } = session;
  const problems = [...document.problems, ...patchWarnings, ...strict, ...semantic];
  return {
    config: resolve(model, { projectRoot, declaredVersion: verification.version, legacy }),
    path: session.found.path,
    ...toCluster(run.flags, legacy.cluster),
    warnings: toWarnings(session, problems, filled.unknown),
    projectName: run.projectName,
    model,
    origins,
    stages: { written, profiles: profiled, variables: filled.root },
    resolver: run.resolver,
    state: session.state,
    profiles: selection.all,
    activeProfiles: run.activeProfiles,
    ...(document.namedConfig === undefined ? {} : { namedConfig: document.namedConfig }),
    namedConfigs: document.namedConfigs,
    problems,
    env: run.expressions.env,
    userFolder: session.userFolder,
  };
}

interface Versioned {
  readonly document: WrittenDocument;
  readonly verification: Verification;
}

async function readVersioned({ options, found, projectRoot, state }: Session): Promise<Versioned> {
  const document = await readDocument(found, {
    cwd: options.cwd,
    projectRoot,
    namedConfig: state.activeConfig ?? 'default',
  });
  if (!document.root) throw toConfigError(document.problems, options.cwd);
  const { root, problems: nameProblems } = withoutWrongName(document.root);
  const problems = [...document.problems, ...nameProblems];
  const checked = versionOf(root, knownVersions);
  if ('problem' in checked) throw toConfigError([...problems, checked.problem], options.cwd);
  const verification = { version: checked.version, era: eraOf(checked.version), cwd: options.cwd };
  failOn(problems, root, verification);
  return { document: { ...document, root, problems }, verification };
}

/** What the stages share. `activeProfiles` is complete once the profiles are selected. */
interface Run {
  readonly session: Session;
  readonly document: WrittenDocument;
  readonly verification: Verification;
  readonly projectRoot: string;
  readonly projectName: string;
  readonly activeProfiles: string[];
  readonly flags: ConfigFlags;
  readonly resolver: Resolver;
  readonly expressions: Parameters<typeof fillVariables>[1]['expressions'];
  readonly fetch: Parameters<typeof resolveImports>[1]['fetch'];
}

async function prepareRun(session: Session, document: WrittenDocument, verification: Verification): Promise<Run> {
  const { options, projectRoot, userFolder, home } = session;
  const { signal, facts = {} } = options;
  const envFile = await readEnvFile(projectRoot, options.env);
  const env = { ...envFile, ...options.env };
  const projectName = projectNameOf(document.root, projectRoot);
  const flags = configFlags(document.root, env);
  const activeProfiles = [...requestedProfiles(session, flags.profiles)];
  const resolver = createResolver({
    era: verification.era,
    flags: parseVariableFlags([...flags.vars, ...(options.vars ?? [])]),
    env: options.env,
    envFile,
    saved: session.state.answers,
    predefined: { projectRoot, projectName, profiles: activeProfiles, home, env, facts, flags, signal },
    prompt: options.prompt,
    signal,
  });
  const warn = (message: string): void => void session.warnings.push(message);
  return {
    session,
    document,
    verification,
    projectRoot,
    projectName,
    activeProfiles,
    resolver,
    flags,
    expressions: { cwd: projectRoot, env, signal },
    fetch: { cwd: options.cwd, userFolder, env, signal, warn },
  };
}

async function applySelection(
  written: MappingNode,
  run: Run,
): Promise<{
  readonly selection: Selection;
  readonly profiled: MappingNode;
  readonly patchWarnings: readonly Problem[];
}> {
  const { session, resolver, expressions, activeProfiles } = run;
  resolver.define(toDefinitions(run.document.vars ?? child(written, 'vars')));
  const selection = await selectProfiles(written, {
    requested: [...activeProfiles],
    activation: session.options.profileActivation ?? 'enabled',
    env: expressions.env,
    variable: async (name) => (await resolver.resolve(name))?.value,
    open: async (source: Node) => (await openSource(source, { ...run.fetch, basePath: run.projectRoot })).root,
    fill: (node) => fillVariables(node, { resolver, expressions, includes: () => true }),
    era: resolver.era,
  });
  activeProfiles.splice(0, activeProfiles.length, ...selection.chain.map(({ name }) => name));
  const section = written.entries.get('profiles');
  const prepared =
    section && selection.section ? withEntry(written, 'profiles', { ...section, value: selection.section }) : written;
  const { root: profiled, problems } = applyProfiles(prepared, selection.chain);
  failOn([...selection.problems, ...problems], profiled, run.verification);
  resolver.define(toDefinitions(run.document.vars ?? child(profiled, 'vars')));
  return { selection, profiled, patchWarnings: problems };
}

async function fill(profiled: MappingNode, run: Run): ReturnType<typeof fillProject> {
  const { resolver, expressions, session } = run;
  try {
    return await fillProject(profiled, { resolver, expressions, scripts: session.options.scripts ?? 'kept' });
  } catch (error) {
    throw withOtherMistakes(error, profiled, run.verification);
  }
}

/** What every load needs, whichever sections it is about. */
const basicKeys = ['version', 'name', 'vars', 'profiles', 'imports', 'require', 'cluster'];

function onlySections(root: MappingNode, sections: readonly string[] | undefined): MappingNode {
  if (!sections) return root;
  const kept = [...root.entries].filter(([key]) => basicKeys.includes(key) || sections.includes(key));
  return { ...root, entries: new Map(kept) };
}

/** Which cluster the file asks for; the command line counts before it. */
function toCluster(
  flags: ConfigFlags,
  cluster: { readonly kubeContext?: string; readonly namespace?: string } = {},
): { kubeContext?: string; namespace?: string } {
  const kubeContext = flags.kubeContext ?? cluster.kubeContext;
  const namespace = flags.namespace ?? cluster.namespace;
  return { ...(kubeContext ? { kubeContext } : {}), ...(namespace ? { namespace } : {}) };
}

function toWarnings(session: Session, problems: readonly Problem[], unknown: readonly string[]): string[] {
  const undefinedVariables = unknown.map(
    (name) => `The variable ${name} is not defined and stays as \${${name}}; give it with \`--var ${name}=…\``,
  );
  const lines = problems.map((problem) => problemLine(problem, session.options.cwd));
  return [...new Set([...session.warnings, ...lines, ...undefinedVariables])];
}
