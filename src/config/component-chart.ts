/**
 * Whether a deployment with this chart is a component: we render the chart of the original by ourselves, whether it is
 * meant because no chart is named, or is named as it stands in its repository. `spec.helm.chart` of any version.
 */
export function isComponentChart(chart: { readonly name?: string; readonly repo?: string } | undefined): boolean {
  if (!chart) return true;
  if (chart.name !== 'component-chart') return false;
  return !chart.repo || /^https:\/\/charts\.devspace\.(sh|cloud)\/?$/.test(chart.repo);
}
