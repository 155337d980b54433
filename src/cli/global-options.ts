import type { OptionDefinition } from './define-command.ts';

/** Flags of every command, in DevSpace's names. */
export interface GlobalFlags {
  readonly namespace?: string;
  readonly kubeContext?: string;
  readonly kubeconfig?: string;
  readonly config?: string;
  readonly embedded?: boolean;
  readonly profile?: string[];
  readonly var?: string[];
  readonly disableProfileActivation?: boolean;
  /** `--no-warn` makes it false. */
  readonly warn: boolean;
  readonly debug?: boolean;
  readonly silent?: boolean;
  /** `--no-colors` makes it false. */
  readonly colors: boolean;
}

const collect = (value: string, previous: unknown): string[] => [...((previous as string[] | undefined) ?? []), value];

export const globalOptions: readonly OptionDefinition[] = [
  { flags: '-n, --namespace <name>', description: 'Kubernetes namespace to use' },
  { flags: '--kube-context <name>', description: 'Context of the kubeconfig to use' },
  { flags: '--kubeconfig <file>', description: 'Kubeconfig to use in place of KUBECONFIG' },
  { flags: '--embedded', description: 'Use the embedded cluster, and start it if it does not run' },
  { flags: '--config <file>', description: 'Configuration file to use in place of devspace.yaml' },
  { flags: '-p, --profile <name>', description: 'Profile to apply; may be given several times', parse: collect },
  { flags: '--var <name=value>', description: 'Value of a variable; may be given several times', parse: collect },
  { flags: '--disable-profile-activation', description: 'Apply no profile that switches itself on' },
  { flags: '--no-warn', description: 'Show no warnings' },
  { flags: '--debug', description: 'Say more, and show stack traces of errors' },
  { flags: '--silent', description: 'Say nothing but errors' },
  { flags: '--no-colors', description: 'Use no colours' },
];
