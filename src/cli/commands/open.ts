import { defineCommand } from '../define-command.ts';
import { parseSeconds } from '../shared-options.ts';

interface Flags {
  readonly timeout: number;
  /** `--no-browser` makes it false. */
  readonly browser: boolean;
}

/** As long as the original waits. */
const usualSeconds = 240;

export const openCommand = defineCommand<Flags>({
  name: 'open',
  summary: 'Open the page of the project in the browser as soon as it answers',
  examples: ['devspace open', 'devspace open --no-browser', 'devspace open http://localhost:8080/login'],
  args: '[url]',
  options: [
    {
      flags: '--timeout <seconds>',
      description: 'How long to wait for an answer',
      default: usualSeconds,
      parse: parseSeconds,
    },
    { flags: '--no-browser', description: 'Only print where the page is, when it answers' },
  ],
  async run({ flags, args, project, tools }) {
    const { open } = await import('../../workflows/open.ts');
    const browser = flags.browser ? 'open' : 'print';
    return open({ project, url: args[0], timeoutMs: flags.timeout * 1000, browser }, tools);
  },
});
