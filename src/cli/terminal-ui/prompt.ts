import type { Prompt } from '../../config/variables/prompt.ts';

/** Questions on stderr, answers from the keyboard. stdout stays free for data. */
export function createPrompt(): Prompt {
  return {
    async ask(question, signal) {
      const { default: inquirer } = await import('inquirer');
      const { text: message, default: preset, options, isPassword } = question;
      const validate = (answer: string) => question.validate(answer) ?? true;
      const common = { name: 'answer', message, ...(preset === undefined ? {} : { default: preset }) };
      const ask = inquirer.createPromptModule({ output: process.stderr, signal });
      const answers: { answer: string } =
        options.length > 0
          ? await ask([{ ...common, type: 'select', choices: [...options] }])
          : isPassword
            ? await ask([{ ...common, type: 'password', mask: '*', validate }])
            : await ask([{ ...common, type: 'input', validate }]);
      return answers.answer;
    },
  };
}
