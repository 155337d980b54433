import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { parseYamlDocuments, YamlSyntaxError } from '../config/yaml-documents.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { KubeObject } from '../kube/objects.ts';

/**
 * The objects of a deployment's manifests in the order of files and documents: files, folders (their `.yaml`, `.yml`
 * and `.json` files, not deeper) and globs. Lists are unfolded. Throws `DEPLOY_MANIFEST` with file and line.
 */
export function collectManifests(
  { name, manifests }: { readonly name: string; readonly manifests: readonly string[] },
  projectRoot: string,
): KubeObject[] {
  const files = manifests.flatMap((entry) => listFiles(entry, name, projectRoot));
  return [...new Set(files)].flatMap((file) => readObjects(file, path.relative(projectRoot, file)));
}

function listFiles(entry: string, deployment: string, projectRoot: string): string[] {
  if (isDynamicPattern(entry)) {
    const matches = globSync(entry, { cwd: projectRoot, absolute: true, onlyFiles: false, expandDirectories: false });
    const files = matches.sort().flatMap((match) => (isFolder(match) ? manifestsIn(match, projectRoot) : [match]));
    if (files.length > 0) return files;
    throw new UserError('DEPLOY_MANIFEST', `Deployment ${deployment}: no file fits the manifest pattern ${entry}.`);
  }
  const absolute = path.resolve(projectRoot, entry);
  if (!isFolder(absolute)) return [absolute];
  const files = manifestsIn(absolute, projectRoot);
  if (files.length > 0) return files;
  throw new UserError('DEPLOY_MANIFEST', `Deployment ${deployment}: the folder ${entry} has no manifest.`, {
    hint: 'Manifests end in .yaml, .yml or .json.',
  });
}

function manifestsIn(folder: string, projectRoot: string): string[] {
  const pattern = `${path.relative(projectRoot, folder).split(path.sep).join('/') || '.'}/*.{yaml,yml,json}`;
  return globSync(pattern, { cwd: projectRoot, absolute: true }).sort();
}

export function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

function readObjects(file: string, shown: string): KubeObject[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError('DEPLOY_MANIFEST', `The manifest ${shown} cannot be read: ${errorText(error)}`, {
      cause: error,
    });
  }
  return parseManifests(text, shown);
}

/** The objects of a text. `shown` names it in errors: `DEPLOY_MANIFEST` with line and column, or with the document. */
export function parseManifests(text: string, shown: string): KubeObject[] {
  try {
    return parseYamlDocuments(text).flatMap((document, index) =>
      toObjects(document, `${shown}, document ${index + 1}`),
    );
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw new UserError('DEPLOY_MANIFEST', `${shown}:${error.line}:${error.column}: ${error.message}`, {
      hint: 'Correct the YAML at that place.',
    });
  }
}

function toObjects(document: unknown, where: string): KubeObject[] {
  if (!isRecord(document)) throw new UserError('DEPLOY_MANIFEST', `${where} is not a Kubernetes object.`);
  if (document['kind'] === 'List' && Array.isArray(document['items'])) {
    return document['items'].flatMap((item, index) => toObjects(item, `${where}, item ${index + 1}`));
  }
  for (const key of ['apiVersion', 'kind']) {
    if (typeof document[key] === 'string') continue;
    throw new UserError('DEPLOY_MANIFEST', `${where} is not a Kubernetes object: ${key} is missing.`);
  }
  const metadata = document['metadata'];
  if (!isRecord(metadata) || typeof metadata['name'] !== 'string') {
    throw new UserError('DEPLOY_MANIFEST', `${where} is not a Kubernetes object: metadata.name is missing.`);
  }
  return [document as unknown as KubeObject];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
