/** Alarms posted to a real HTTP server, by a clock that the test holds. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { alarmDocument } from '../../../../src/core/client/monitor/alarm-document.ts';
import type { WebhookAction } from '../../../../src/core/client/monitor/monitor-rule.ts';
import { postAlarm } from '../../../../src/core/client/monitor/webhook.ts';
import type { Timer } from '../../../../src/core/common/clock.ts';
import { HeldClock } from '../held-clock.ts';
import { until } from '../scripted-cluster.ts';
import { eventOf } from './alarm-fixture.ts';

/** Tells the pauses from the time-outs of attempts. */
class ListeningClock extends HeldClock {
  readonly waits: number[] = [];

  override after(ms: number, task: () => void): Timer {
    this.waits.push(ms);
    return super.after(ms, task);
  }

  /** Resolves once `waits` are these; then the last one is over. */
  async pass(waits: readonly number[]): Promise<void> {
    await until(`the waits ${waits}`, () => this.waits.length === waits.length);
    expect(this.waits).toEqual(waits);
    this.advance(waits.at(-1) ?? 0);
  }
}

interface Asked {
  readonly request: IncomingMessage;
  readonly body: string;
}

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers with `answers` in turn, the last one for ever. */
async function receiver(...answers: ((response: ServerResponse) => void)[]) {
  const asked: Asked[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ request, body });
    answers[Math.min(asked.length, answers.length) - 1]?.(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const action: WebhookAction = {
    kind: 'webhook',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    headers: { authorization: 'Bearer x' },
    timeoutMs: 5000,
  };
  return { asked, action };
}

const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end('x');
const document = alarmDocument(eventOf([]));

function post(action: WebhookAction) {
  const clock = new ListeningClock();
  const over = new AbortController();
  const outcome = postAlarm(action, document, { clock, over: over.signal });
  outcome.catch(() => {});
  return { clock, over, outcome };
}

it('is a POST of JSON with the headers given', async () => {
  const { asked, action } = await receiver(status(204));
  const { clock, outcome } = post(action);
  await outcome;
  const [{ request, body }] = asked as [Asked];
  expect(request).toMatchObject({
    method: 'POST',
    url: '/hook',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
  });
  expect(JSON.parse(body)).toEqual({
    state: 'firing',
    rule: 'late',
    condition: 'messagesBehind',
    consumerGroup: 'G',
    topic: 'T',
    value: 12,
    limit: 10,
    since: '1970-01-01T00:00:01.000Z',
    at: '1970-01-01T00:00:02.000Z',
    text: 'firing "late": G is 12 messages behind in T',
  });
  expect(clock.pending).toBe(0);
});

it.each([500, 503, 429, 408])('%i is tried again after 1, 2, 4 and 8 s', async (code) => {
  const { asked, action } = await receiver(status(code), status(code), status(200));
  const { clock, outcome } = post(action);
  await clock.pass([5000, 1000]);
  await clock.pass([5000, 1000, 5000, 2000]);
  await outcome;
  expect(asked).toHaveLength(3);
});

it.each([400, 404, 302])('%i is final', async (code) => {
  const { asked, action } = await receiver(status(code));
  await expect(post(action).outcome).rejects.toMatchObject({
    code: 'RESPONSE',
    message: expect.stringContaining(`HTTP ${code}`),
  });
  expect(asked).toHaveLength(1);
});

it('gives up after five attempts', async () => {
  const { asked, action } = await receiver(status(500));
  const { clock, outcome } = post(action);
  const waits: number[] = [];
  for (const pause of [1000, 2000, 4000, 8000]) {
    waits.push(5000, pause);
    await clock.pass(waits);
  }
  await expect(outcome).rejects.toMatchObject({ code: 'CONNECT' });
  expect(asked).toHaveLength(5);
});

it('a server that does not answer is left after the time-out, and at once when the monitor ends', async () => {
  const { asked, action } = await receiver(() => {});
  const { clock, over, outcome } = post(action);
  await until('a request', () => asked.length === 1);
  await clock.pass([5000]);
  await clock.pass([5000, 1000]);
  await until('the second request', () => asked.length === 2);
  over.abort();
  await expect(outcome).rejects.toMatchObject({ code: 'STOPPED' });
  expect(clock.pending).toBe(0);
});

it('nobody listens there: why, and not the whole address, which may hold a secret', async () => {
  const { action } = await receiver(status(200));
  server?.close();
  const { outcome, clock } = post({ ...action, url: `${action.url}?token=secret` });
  const waits: number[] = [];
  for (const pause of [1000, 2000, 4000, 8000]) {
    waits.push(5000, pause);
    await clock.pass(waits);
  }
  const error = await outcome.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'CONNECT', message: expect.stringContaining('ECONNREFUSED') });
  expect((error as Error).message).not.toContain('secret');
});
