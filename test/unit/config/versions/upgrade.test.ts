import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../src/config/finding.ts';
import { checkStrict, versions } from '../../../../src/config/versions/ladder.ts';
import { steps } from './upgrade-cases.ts';

describe('each step to the next version', () => {
  test.each(steps)('$from: $title', ({ from, data, result, gone = [], reports = [] }) => {
    const document = { version: from, ...data };
    const before = structuredClone(document);
    const findings: Finding[] = [];
    const upgraded = versionOf(from).upgrade?.(document, {
      report: (finding) => findings.push(finding),
      moved: () => {},
    });
    expect(upgraded).toMatchObject(result);
    expect(gone.filter((path) => valueAt(upgraded, path) !== undefined)).toEqual([]);
    expect(findings.map(({ message }) => message)).toEqual(
      reports.map((part) => expect.stringContaining(part) as string),
    );
    expect(document, 'the data stays as it was').toEqual(before);
  });

  test.each(steps)('$from: $title: the tables are valid data of their version', ({ from, data }) => {
    expect(checkStrict(from, { version: from, ...data })).toEqual([]);
  });

  test('every version but the newest has a step, and each has a case here', () => {
    const withStep = versions.filter(({ upgrade }) => upgrade).map(({ name }) => name);
    expect(withStep).toEqual(versions.slice(0, -1).map(({ name }) => name));
    const tested = new Set(steps.map(({ from }) => from));
    expect(withStep.filter((name) => !tested.has(name))).toEqual(['v1beta11']);
  });
});

function versionOf(name: string) {
  const version = versions.find((candidate) => candidate.name === name);
  if (!version) throw new Error(name);
  return version;
}

function valueAt(data: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      data,
    );
}
