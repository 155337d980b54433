import { expect, test } from 'vitest';
import { clusterFlags, helmEnvironment, helmWords } from '../../../src/helm/run-helm.ts';

test('nothing of the environment leads Helm to another cluster', () => {
  const env = {
    PATH: '/bin',
    KUBECONFIG: 'other',
    HELM_KUBECONTEXT: 'other',
    HELM_KUBETOKEN: 'other',
    HELM_NAMESPACE: 'other',
    HELM_CACHE_HOME: '/cache',
  };
  expect(helmEnvironment(env, { kubeconfig: 'a:b', driver: 'configmap' })).toEqual({
    PATH: '/bin',
    HELM_CACHE_HOME: '/cache',
    KUBECONFIG: 'a:b',
    HELM_DRIVER: 'configmap',
  });
  expect(clusterFlags({ kubeconfig: 'a', context: 'c', namespace: 'n' })).toEqual([
    '--namespace',
    'n',
    '--kube-context',
    'c',
  ]);
  expect(clusterFlags({ context: 'inside', namespace: 'n' })).toEqual(['--namespace', 'n']);
});

test('what Helm says is shown without its notes', () => {
  const stderr = 'Flag --atomic has been deprecated\nlevel=WARN msg="x"\nError: UPGRADE FAILED: no space\nmore\n';
  expect(helmWords({ stderr, exitCode: 1, stdout: '' })).toBe('UPGRADE FAILED: no space\nmore');
  expect(helmWords({ stderr: '', exitCode: 7, stdout: '' })).toBe('it ended with exit code 7');
});
