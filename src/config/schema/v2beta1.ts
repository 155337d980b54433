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
    version: text('The version of this format. It must be the first thing to be right: all other keys depend on it.'),
    name: text('Name of the project. Without it the name of the folder is taken.'),
    imports: list(importSource, 'Other configuration files whose sections are added to this one.'),
    functions: textMap('Shell functions that pipelines and commands can call, by name.'),
    pipelines: map(pipeline, 'What commands such as `devspace dev` and `devspace deploy` do, by name.'),
    images: map(image, 'The images to build, by a name of your choice.'),
    deployments: map(deployment, 'What is deployed, by name.'),
    dev: map(devPod, 'The development services, one entry for each kind of pod.'),
    vars: map(variable, 'Variables that `${NAME}` stands for.'),
    commands: map(command, 'Commands of the project, run with `devspace run NAME`.'),
    dependencies: map(dependency, 'Other projects that this one needs.'),
    pullSecrets: map(pullSecret, 'Logins of registries that the cluster pulls from.'),
    require: described(require, 'Versions of tools without which the project does not work.'),
    profiles: list(profile, 'Changes to this file that can be switched on by name.'),
    hooks: list(hook, 'Actions around the steps of a pipeline.'),
    localRegistry: described(localRegistry, 'A registry inside the cluster, for when there is no other to push to.'),
  },
  { required: ['version'] },
);

/** A checked document in the newest version. Nothing is filled in yet. */
export type Model = Static<typeof v2beta1>;
