import path from 'node:path';
import type { KubeObject } from './objects.ts';
import { badRequest, type FieldError, forbiddenValue, gone, invalid, notSupported } from './status.ts';

/** Which part of which state of a list is asked for. */
export interface Page {
  /** 0 for all. */
  readonly limit: number;
  /** The state of this revision and no other; undefined for the present one. */
  readonly revision: number | undefined;
  /** The first position that is wanted. */
  readonly start: string;
  readonly isContinued: boolean;
}

/** Reads `limit`, `continue`, `resourceVersion` and `resourceVersionMatch`. Throws 400 or 422 in the words of the real server. */
export function toPage(query: URLSearchParams, revision: number): Page {
  const limit = Math.max(0, numberOf(query, 'limit') ?? 0);
  const errors = matchErrors(query);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  const token = query.get('continue') || '';
  if (token !== '') {
    if (revision > 0) throw badRequest('specifying resource version is not allowed when using continue');
    return { limit, ...decodeToken(token), isContinued: true };
  }
  const match = query.get('resourceVersionMatch') || (limit > 0 ? 'Exact' : '');
  return { limit, revision: revision > 0 && match === 'Exact' ? revision : undefined, start: '', isContinued: false };
}

/** A number of the query. Throws 400 for what is none. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function matchErrors(query: URLSearchParams): FieldError[] {
  const field = 'resourceVersionMatch';
  const match = query.get(field) || '';
  const version = query.get('resourceVersion') || '';
  if (match === '') return [];
  if (version === '') return [forbiddenValue(field, `${field} is forbidden unless resourceVersion is provided`)];
  if (!['Exact', 'NotOlderThan'].includes(match)) return [notSupported(field, match, ['Exact', 'NotOlderThan', ''])];
  if (match !== 'Exact' || version !== '0') return [];
  return [forbiddenValue(field, `${field} "exact" is forbidden for resourceVersion "0"`)];
}

const tokenVersion = 'meta.k8s.io/v1';

/** The real server's form: a client may take a token from one and show it to the other. */
function encodeToken(revision: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start })).toString('base64url');
}

function decodeToken(token: string): Pick<Page, 'revision' | 'start'> {
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  let value: { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } | null;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString()) as typeof value;
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : '');
  }
  const { v, rv, start } = value ?? {};
  if (v !== tokenVersion) throw refuse(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof rv !== 'number' || rv === 0)
    throw refuse(`incorrect encoded start resourceVersion (version ${tokenVersion})`);
  if (typeof start !== 'string' || start === '') throw refuse(`encoded start key empty (version ${tokenVersion})`);
  if (path.posix.normalize(`/${start}`) !== `/${start}`) throw refuse(start);
  return { revision: rv < 0 ? undefined : rv, start };
}

/** The page, of objects in order, and the token of what follows. */
export function cutPage(
  objects: readonly KubeObject[],
  { limit, start }: Page,
  { revision, position }: { readonly revision: number; position(object: KubeObject): string },
) {
  const rest = start === '' ? objects : objects.filter((object) => position(object) >= start);
  const items = limit > 0 ? rest.slice(0, limit) : rest;
  const last = items.at(-1);
  const remaining = rest.length - items.length;
  return { items, remaining, token: last && remaining > 0 ? encodeToken(revision, `${position(last)}\0`) : undefined };
}

/** 410 for a state that is no longer known; the token in it continues with the present one. */
export function tooOld({ isContinued, start }: Page) {
  if (!isContinued) return gone('The resourceVersion for the provided list is too old.');
  return gone(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { continue: encodeToken(-1, start) },
  );
}
