import { defineCommand } from '../../define-command.ts';
import { parseNames } from '../../shared-options.ts';

interface Flags {
  readonly namespace?: string;
  readonly manifests?: string[];
  readonly chart?: string;
  readonly chartVersion?: string;
  readonly chartRepo?: string;
  readonly image?: string;
  readonly component?: true;
  readonly dockerfile?: string;
  readonly context?: string;
}

export const addDeploymentCommand = defineCommand<Flags>({
  name: 'add deployment',
  summary: 'Add a deployment to the configuration: of manifests, a chart or an image',
  examples: [
    'devspace add deployment app --manifests kube/',
    'devspace add deployment db --chart postgresql --chart-repo https://charts.example.com',
    'devspace add deployment web --component --image nginx',
  ],
  args: '<name>',
  options: [
    { flags: '--manifests <paths>', description: 'Manifests to apply, separated by commas', parse: parseNames },
    { flags: '--chart <name>', description: 'Helm chart: a name, a folder or an address' },
    { flags: '--chart-version <version>', description: 'Version of the chart' },
    { flags: '--chart-repo <url>', description: 'Repository of the chart' },
    { flags: '--image <image>', description: 'Image to run as a component' },
    { flags: '--component', description: 'A component, of the image of --image; the default with --image' },
    { flags: '--dockerfile <file>', description: 'Dockerfile of the image, which is then built too' },
    { flags: '--context <folder>', description: 'Build context of the image' },
  ],
  async run({ flags, args, project, tools }) {
    const { addDeployment } = await import('../../../workflows/config/add-deployment.ts');
    const [name = ''] = args;
    // `--namespace` is a global flag: here it is the namespace of the deployment, as in the original
    const file = await addDeployment({ name, ...flags, namespace: project.kube.namespace }, project, tools);
    tools.log.done(`Added the deployment ${name} to ${file}`);
    return 0;
  },
});
