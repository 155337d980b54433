import { sleep, withDeadline } from '../core/abort.ts';
import { systemErrorCode, UserError } from '../core/errors.ts';
import { runProgram } from '../core/run-program.ts';
import type { Run } from './tools.ts';

const pollMs = 500;
const answerWithinMs = 10_000;
/** A proxy in front of the page says so as long as the page is not there (our reference, `spec-dev.md` section 7.2). */
const notYet: readonly number[] = [502, 503];

/** Waits until the page answers. Rejects with `PAGE_SILENT` when the time is over. */
export async function waitForPage(url: string, timeoutMs: number, { log, signal }: Pick<Run, 'log' | 'signal'>) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const why = await silenceOf(url, signal);
    if (why === undefined) return log.status(undefined);
    if (Date.now() >= end) {
      log.status(undefined);
      throw new UserError('PAGE_SILENT', `${url} did not answer within ${timeoutMs / 1000} seconds: ${why}.`);
    }
    log.status(`Waiting for ${url}: ${why}`);
    await sleep(pollMs, signal);
  }
}

/** Why the page cannot be shown yet; `undefined` if it can. */
async function silenceOf(url: string, signal: AbortSignal): Promise<string | undefined> {
  const left = new AbortController();
  try {
    const asked = fetch(url, { redirect: 'manual', signal: AbortSignal.any([signal, left.signal]) });
    const { status } = await withDeadline(asked, answerWithinMs, () => new Error('no answer'));
    return notYet.includes(status) ? `status ${status}` : undefined;
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const code = systemErrorCode(cause) ?? '';
    // a browser asks its user about such a certificate
    if (/CERT|SELF_SIGNED|VERIFY/.test(code)) return undefined;
    return code === 'ECONNREFUSED' ? 'nothing listens there' : code || 'no answer';
  } finally {
    left.abort();
  }
}

/** Shows the page in the user's browser. `false` if there is none, as on a machine without a screen. */
export async function openBrowser(url: string, { env, signal }: Pick<Run, 'env' | 'signal'>): Promise<boolean> {
  const browser = planBrowser(env, process.platform);
  if (!browser) return false;
  const [program = '', ...args] = browser;
  const { failure, exitCode } = await runProgram({ program, args: [...args, url], cwd: process.cwd(), env, signal });
  return failure === undefined && exitCode === 0;
}

/** Pure: the program that opens a page, with its first arguments. */
export function planBrowser(env: Run['env'], platform: NodeJS.Platform): readonly string[] | undefined {
  const { BROWSER, DISPLAY, WAYLAND_DISPLAY } = env;
  if (BROWSER) return [BROWSER];
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open'] : undefined;
}
