import type { Run } from './tools.ts';

export interface ConsentQuestion {
  /** What the answer is about, in one word. */
  readonly name: string;
  readonly text: string;
}

/** Asks the human for a yes, which is not the default; `nobody` where there is nobody to ask. */
export async function askConsent(
  question: ConsentQuestion,
  { prompt, signal }: Pick<Run, 'prompt' | 'signal'>,
): Promise<'yes' | 'no' | 'nobody'> {
  if (!prompt) return 'nobody';
  const asked = { ...question, default: 'no', options: ['no', 'yes'], isPassword: false, validate: () => undefined };
  return (await prompt.ask(asked, signal)) === 'yes' ? 'yes' : 'no';
}
