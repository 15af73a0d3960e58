/**
 * An alarm as an HTTP POST of JSON. Repeated up to five times, after 1, 2, 4 and 8 s, when there is no answer or one that says
 * later (408, 429, 5xx); every other answer above 299 is final, redirections among them.
 */

import type { Clock } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import { Delays } from '../delays.ts';
import type { AlarmDocument } from './alarm-document.ts';
import type { WebhookAction } from './monitor-rule.ts';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1000;

/** Resolves when the server took it. Rejects with PocketError CONNECT, TIMEOUT or RESPONSE, or STOPPED once `over` is aborted. */
export async function postAlarm(
  action: WebhookAction,
  document: AlarmDocument,
  { clock, over }: { readonly clock: Clock; readonly over: AbortSignal },
): Promise<void> {
  const delays = new Delays(clock);
  const end = (): void => delays.end();
  over.addEventListener('abort', end);
  if (over.aborted) end();
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await postOnce(action, document, { clock, over });
        return;
      } catch (error) {
        if (over.aborted) throw new PocketError('STOPPED', 'the monitor ends');
        if (!(error instanceof PocketError) || !error.retriable || attempt === ATTEMPTS) throw error;
        await delays.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  } finally {
    over.removeEventListener('abort', end);
  }
}

async function postOnce(
  { url, headers, timeoutMs }: WebhookAction,
  document: AlarmDocument,
  { clock, over }: { readonly clock: Clock; readonly over: AbortSignal },
): Promise<void> {
  const late = new AbortController();
  const timer = clock.after(timeoutMs, () => late.abort());
  const place = new URL(url).host;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(document),
      redirect: 'manual',
      signal: AbortSignal.any([late.signal, over]),
    });
    // Nobody reads the answer; its connection is free again.
    await response.body?.cancel();
    if (response.ok) return;
    const { status } = response;
    const later = status === 408 || status === 429 || status >= 500;
    throw new PocketError(later ? 'CONNECT' : 'RESPONSE', `${place} answered with HTTP ${status}`);
  } catch (error) {
    if (error instanceof PocketError) throw error;
    if (late.signal.aborted) throw new PocketError('TIMEOUT', `${place} did not answer within ${timeoutMs} ms`);
    throw new PocketError('CONNECT', `${place} cannot be reached: ${causeOf(error)}`, { cause: error });
  } finally {
    timer.cancel();
  }
}

/** fetch says "fetch failed"; why stands below. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const { code } = cause as { code?: unknown };
  return cause.message || (typeof code === 'string' ? code : error.message);
}
