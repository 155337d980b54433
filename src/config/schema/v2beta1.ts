import type { Static } from '@sinclair/typebox';
import { described, list, map, object, text, textMap } from './fields.ts';
import { command } from './v2beta1/command.ts';
import { dependency } from './v2beta1/dependency.ts';
import { deployment } from './v2beta1/deployment.ts';
import { devPod } from './v2beta1/dev.ts';
import { hook } from './v2beta1/hook.ts';
import { image } from './v2beta1/image.ts';
import { pipeline } from './v2beta1/pipeline.ts';
import { profile } from './v2beta1/profile.ts';
import { localRegistry, pullSecret } from './v2beta1/registry.ts';
import { require } from './v2beta1/require.ts';
import { importSource } from './v2beta1/source.ts';
import { variable } from './v2beta1/variable.ts';

/** The key tree of `v2beta1`, the model that everything else works with. */
export const v2beta1 = object(
  {
    version: text(''),
    name: text(''),
    imports: list(importSource, ''),
    functions: textMap(''),
    pipelines: map(pipeline, ''),
    images: map(image, ''),
    deployments: map(deployment, ''),
    dev: map(devPod, ''),
    vars: map(variable, ''),
    commands: map(command, ''),
    dependencies: map(dependency, ''),
    pullSecrets: map(pullSecret, ''),
    require: described(require, ''),
    profiles: list(profile, ''),
    hooks: list(hook, ''),
    localRegistry: described(localRegistry, ''),
  },
  { required: ['version'] },
);

/** A checked document in the newest version. Nothing is filled in yet. */
export type Model = Static<typeof v2beta1>;
