import type { ChartValues } from './planned-deployment.ts';

/** Values over values, as Helm does it: maps are merged, everything else is replaced. The last ones win. */
export function mergeValues(layers: readonly ChartValues[]): ChartValues {
  return layers.reduce<ChartValues>((below, above) => mergeMaps(below, above), {});
}

function mergeMaps(below: ChartValues, above: ChartValues): ChartValues {
  const merged = Object.entries(above).map(([key, value]): [string, unknown] => {
    const under = below[key];
    return [key, isMap(under) && isMap(value) ? mergeMaps(under, value) : value];
  });
  return { ...below, ...(Object.fromEntries(merged) as ChartValues) };
}

export const isMap = (value: unknown): value is ChartValues =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
