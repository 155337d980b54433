import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toConfigurationDocs } from './configuration-docs.ts';
import { toJsonSchema } from './json-schema.ts';

/** Writes what follows from the key trees: the JSON schema for editors and the reference for users. */
const root = path.resolve(import.meta.dirname, '..');
mkdirSync(path.join(root, 'docs'), { recursive: true });
writeFileSync(path.join(root, 'devspace.schema.json'), toJsonSchema());
writeFileSync(path.join(root, 'docs/configuration.md'), toConfigurationDocs());
