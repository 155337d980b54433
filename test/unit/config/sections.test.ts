import { describe, expect, test } from 'vitest';
import { failure, projectFolder } from './project-folder.ts';

const text = `version: v2beta1
vars:
  TOKEN:
    question: Your token
  GREETING: hello
images:
  app:
    image: localhost:5000/\${TOKEN}
commands:
  greet: echo \${GREETING}
`;

describe('sections', () => {
  test('a load of the whole file needs every variable', async () => {
    const project = projectFolder({ 'devspace.yaml': text });
    expect(await failure(project.load())).toMatchObject({ code: 'CONFIG_VARIABLE' });
  });

  test('a load for the commands needs only theirs, and knows all definitions', async () => {
    const project = projectFolder({ 'devspace.yaml': text });
    const { model, resolver } = await project.load({ sections: ['commands'] });
    expect(Object.keys(model.commands ?? {})).toEqual(['greet']);
    expect(model.images).toBeUndefined();
    expect([...resolver.definitions.keys()]).toEqual(['TOKEN', 'GREETING']);
  });

  test('`require` counts always', async () => {
    const project = projectFolder({ 'devspace.yaml': `${text}require:\n  devspace: '>= 99.0.0'\n` });
    const { model } = await project.load({ sections: [] });
    expect(model.require).toEqual({ devspace: '>= 99.0.0' });
  });
});
