import { describe, expect, test } from 'vitest';
import { listConfigs } from '../../../src/config/list-configs.ts';
import { useConfig, useProfile } from '../../../src/config/select-active.ts';
import { failure, projectFolder } from './project-folder.ts';

describe('use profile and use config', () => {
  test('a profile is saved and reset', async () => {
    const project = projectFolder({ 'devspace.yaml': 'version: v1beta11\nprofiles:\n- name: dev\n' });
    const loaded = await project.load();
    useProfile(loaded, 'dev');
    await loaded.state.save();
    const again = await project.load();
    expect(again.activeProfiles).toEqual(['dev']);
    useProfile(again, undefined);
    await again.state.save();
    expect((await project.load()).activeProfiles).toEqual([]);
    expect(() => useProfile(again, 'dve')).toThrow(
      expect.objectContaining({ code: 'CONFIG_PROFILE', hint: 'Did you mean dev? There are: dev.' }),
    );
  });

  test('a configuration can be selected although none is', async () => {
    const configs = 'one:\n  config:\n    data: {version: v1beta2, images: {a: {image: x}}}\n';
    const project = projectFolder({ 'devspace-configs.yaml': configs });
    expect(await failure(project.load())).toMatchObject({ code: 'CONFIG_PROFILE' });
    const list = await listConfigs({
      cwd: project.root,
      env: { HOME: project.home },
      signal: new AbortController().signal,
    });
    expect(list).toMatchObject({ namedConfigs: ['one'], active: 'default' });
    useConfig(list, 'one');
    await list.state.save();
    expect((await project.load()).config.images[0]?.image).toBe('x');
    expect(() => useConfig(list, 'two')).toThrow(/no configuration two/);
  });

  test('a secret is not told in a message', async () => {
    const text =
      'version: v1beta11\nvars:\n- name: P\n  password: true\ndev:\n  ports:\n  - labelSelector: {a: b}\n    forward:\n    - port: ${P}\n';
    const error = await failure(projectFolder({ 'devspace.yaml': text }).load({ vars: ['P=top-secret'] }));
    expect(error.message).toContain('dev.ports[0].forward[0].port');
    expect(error.message).not.toContain('top-secret');
  });
});
