import type { CustomBuild } from '../../config/types.ts';
import { UserError } from '../../core/errors.ts';
import type { BuiltImage } from '../build-run.ts';

/** What is run on this machine: a program, or a script of a POSIX shell. */
export type BuildCommand =
  | { readonly kind: 'program'; readonly program: string; readonly args: readonly string[] }
  | { readonly kind: 'shell'; readonly script: string };

/**
 * Pure: the command of this operating system with its arguments. The image comes after `args`, behind its flag, and
 * `appendArgs` come last; without any argument the command is a script. Throws `CONFIG_INVALID` if no command is for
 * this system. Source: the builder of the original; `spec-config.md` 9.3 of the reference.
 */
export function planBuildCommand(custom: CustomBuild, image: BuiltImage, platform: NodeJS.Platform): BuildCommand {
  const system = platform === 'win32' ? 'windows' : platform;
  const own = custom.commands.find(({ os }) => os === undefined || os.split(/\s*,\s*/).includes(system));
  const written = own?.command ?? custom.command;
  if (written === undefined) {
    throw new UserError('CONFIG_INVALID', `custom of image ${image.name} has no command for ${system}.`, {
      hint: `Add one with \`os: ${system}\` to its \`commands\`, or a \`command\` for all others.`,
    });
  }
  const command = fillOwnImage(written, image);
  const args = [...custom.args, ...imageArgs(custom, image), ...custom.appendArgs].map((arg) =>
    fillOwnImage(arg, image),
  );
  return args.length === 0 ? { kind: 'shell', script: command } : { kind: 'program', program: command, args };
}

function imageArgs({ imageArg, imageFlag }: CustomBuild, { image, tag }: BuiltImage): string[] {
  if (imageArg === 'none') return [];
  return [...(imageFlag === undefined ? [] : [imageFlag]), imageArg === 'tag' ? tag : `${image}:${tag}`];
}

/** Words of the configuration for the image that is built; a shell could not read them. */
function fillOwnImage(text: string, { name, image, tag }: BuiltImage): string {
  return text.replace(/\$\{runtime\.images\.([\w-]+)(?:\.(image|tag))?\}/g, (word, key: string, part?: string) => {
    if (key !== name) return word;
    return part === undefined ? `${image}:${tag}` : part === 'tag' ? tag : image;
  });
}
