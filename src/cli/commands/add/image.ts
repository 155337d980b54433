import { defineCommand } from '../../define-command.ts';
import { choiceOption } from '../../shared-options.ts';

interface Flags {
  readonly image: string;
  readonly tag?: string;
  readonly context?: string;
  readonly dockerfile?: string;
  readonly buildengine?: 'docker' | 'kaniko';
}

export const addImageCommand = defineCommand<Flags>({
  name: 'add image',
  summary: 'Add an image to the configuration',
  examples: [
    'devspace add image app --image localhost:5000/me/app',
    'devspace add image api --image me/api --context ./api',
  ],
  args: '<name>',
  options: [
    { flags: '--image <image>', description: 'Name of the image, with its registry', mandatory: true },
    { flags: '--tag <tag>', description: 'Fixed tag of the image' },
    { flags: '--context <folder>', description: 'Build context' },
    { flags: '--dockerfile <file>', description: 'Dockerfile of the image' },
    choiceOption('--buildengine <engine>', 'What builds the image', ['docker', 'kaniko']),
  ],
  async run({ flags, args, project, tools }) {
    const { addImage } = await import('../../../workflows/config/change-config.ts');
    const [name = ''] = args;
    const { image, tag, context, dockerfile, buildengine: engine } = flags;
    const file = await addImage({ name, image, tag, context, dockerfile, engine }, project, tools);
    tools.log.done(`Added the image ${name} to ${file}`);
    return 0;
  },
});
