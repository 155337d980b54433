import { schemaOf } from '../schema/groups.ts';
import { withoutEmpty } from '../schema/print-shape.ts';
import { v1beta3 as tree } from '../schema/v1beta3.ts';
import { changeItems, defined, mapAt, mapOrNothing, only, textAt, without } from './data.ts';
import type { ConfigVersion, Data } from './version.ts';

/** The chart that a component was before it had a name of its own. */
const componentChart = { name: 'component-chart', repo: 'https://charts.devspace.cloud', version: 'v0.0.6' };

export const v1beta3: ConfigVersion = {
  name: 'v1beta3',
  get schema() {
    return schemaOf(tree);
  },
  upgrade: (data, { moved }) =>
    changeItems(data, 'deployments', (deployment, index) => {
      const component = mapOrNothing(deployment, 'component');
      const rest = without(deployment, 'component');
      if (!component) return withComponentChart(rest);
      moved(['deployments', index, 'helm', 'values'], ['deployments', index, 'component']);
      moved(['deployments', index, 'helm'], ['deployments', index, 'component', 'options']);
      return { ...rest, helm: toHelm(component) };
    }),
};

function toHelm(component: Data): Data {
  const options = mapAt(component, 'options');
  return defined({
    componentChart: true,
    // only what says something becomes a value of the chart
    values: withoutEmpty(schemaOf(tree, 'component'), without(component, 'options')),
    ...only(options, 'replaceImageTags', 'force', 'wait', 'timeout', 'rollback', 'tillerNamespace'),
  });
}

function withComponentChart(deployment: Data): Data {
  const helm = mapOrNothing(deployment, 'helm');
  const chart = mapAt(helm ?? {}, 'chart');
  const isComponentChart = Object.entries(componentChart).every(([key, value]) => textAt(chart, key) === value);
  if (!helm || !isComponentChart) return deployment;
  return { ...deployment, helm: { ...without(helm, 'chart'), componentChart: true } };
}
