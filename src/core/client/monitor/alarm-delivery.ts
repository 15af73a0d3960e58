/**
 * Carries alarms out: webhooks and commands beside the monitor's rounds, so many at a time and so many waiting, so that a slow
 * receiver or a thousand alarms at once cost neither rounds nor memory. Notices about one alarm to one receiver keep their order.
 */

import type { Clock } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import type { AlarmEvent } from './alarm-book.ts';
import { runAlarmCommand } from './alarm-command.ts';
import { type AlarmDocument, alarmDocument } from './alarm-document.ts';
import type { AlarmAction, CommandAction, WebhookAction } from './monitor-rule.ts';
import { postAlarm } from './webhook.ts';

const PARALLEL = 4;
const MAX_WAITING = 1000;

type Carried = WebhookAction | CommandAction;

interface Delivery {
  readonly action: Carried;
  readonly document: AlarmDocument;
  readonly key: string;
}

export interface AlarmDeliveryOptions {
  readonly clock: Clock;
  /** For commands, beside the alarm's own variables. */
  readonly env: NodeJS.ProcessEnv;
  /** Called for each alarm with the action `log`. */
  readonly onLog: (event: AlarmEvent) => void;
  /** What could not be delivered; one sentence. */
  readonly onFailure: (sentence: string) => void;
  /** Deliveries that wait; those beyond are dropped. Default 1000. */
  readonly maxWaiting?: number | undefined;
}

export class AlarmDelivery {
  readonly #options: AlarmDeliveryOptions;
  readonly #over = new AbortController();
  readonly #waiting: Delivery[] = [];
  /** What is under way, by alarm and receiver. */
  readonly #active = new Map<string, Promise<void>>();
  #dropped = 0;

  constructor(options: AlarmDeliveryOptions) {
    this.#options = options;
  }

  /** Returns at once. */
  deliver(event: AlarmEvent): void {
    const { rule } = event.finding;
    for (const action of rule.actions) {
      if (action.kind === 'log') this.#options.onLog(event);
      else this.#add(action, event);
    }
    this.#pump();
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.#active.size > 0) await Promise.all(this.#active.values());
  }

  /** Ends what is under way, programs included; what waits is dropped. */
  async stop(): Promise<void> {
    this.#waiting.length = 0;
    this.#over.abort();
    await this.idle();
  }

  #add(action: Carried, event: AlarmEvent): void {
    const { maxWaiting = MAX_WAITING, onFailure } = this.#options;
    if (this.#waiting.length >= maxWaiting) {
      if (this.#dropped++ === 0)
        onFailure(`More than ${maxWaiting} alarms wait for their receivers: some are dropped.`);
      return;
    }
    const document = alarmDocument(event);
    const { rule, condition, consumerGroup, topic } = document;
    const key = [nameOf(action), rule, condition, consumerGroup, topic].join('\n');
    this.#waiting.push({ action, document, key });
  }

  #pump(): void {
    while (this.#active.size < PARALLEL) {
      const index = this.#waiting.findIndex(({ key }) => !this.#active.has(key));
      if (index < 0) return;
      const [delivery] = this.#waiting.splice(index, 1);
      if (delivery === undefined) return;
      if (this.#waiting.length === 0) this.#dropped = 0;
      this.#active.set(
        delivery.key,
        this.#carry(delivery).finally(() => {
          this.#active.delete(delivery.key);
          this.#pump();
        }),
      );
    }
  }

  async #carry({ action, document }: Delivery): Promise<void> {
    const { clock, env, onFailure } = this.#options;
    const over = this.#over.signal;
    try {
      if (action.kind === 'webhook') await postAlarm(action, document, { clock, over });
      else await runAlarmCommand(action, document, { clock, over, env });
    } catch (error) {
      if (error instanceof PocketError && error.code === 'STOPPED') return;
      const why = error instanceof Error ? error.message : String(error);
      onFailure(`The alarm "${document.rule}" did not reach its ${action.kind}: ${why}.`);
    }
  }
}

/** Tells the receivers of one rule apart. */
const nameOf = (action: Exclude<AlarmAction, { kind: 'log' }>): string =>
  action.kind === 'webhook' ? action.url : action.argv.join('\0');
