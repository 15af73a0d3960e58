/**
 * mqadmin subscribe: takes part as a member of a consumer group and prints each message it gets, until interrupted or until
 * --count are printed. What was printed is consumed: the offsets are committed, and the group goes on behind it.
 */

import { Args, Flags } from '@oclif/core';
import { withAdmin } from '../cli/admin-session.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault, ValueFault } from '../cli/faults.ts';
import { findNamesrvAddrs } from '../cli/find-namesrv.ts';
import { wholeNumber } from '../cli/flags.ts';
import { watchInterrupts } from '../cli/interrupt.ts';
import { receivedMessageJson, renderReceivedMessage } from '../cli/output/received-message.ts';
import { SubscriptionPrinter } from '../cli/subscription-printer.ts';
import { parseTimeValue } from '../cli/time-value.ts';
import { warningsTo } from '../cli/warnings.ts';
import type { MessageListener, MessageListenerOrderly } from '../core/client/consumer/message-listener.ts';
import type { AnyPushConsumerOptions, PushConsumerBaseOptions } from '../core/client/consumer/push-consumer-options.ts';

const models = ['clustering', 'broadcasting'] as const;

export default class Subscribe extends BaseCommand {
  static override summary = 'Consume a topic as a member of a consumer group';
  static override operands = 'TOPIC';
  static override args = { topic: Args.string() };
  static override flags = {
    group: Flags.string({ char: 'g', required: true, description: 'consumer group' }),
    tags: Flags.string({ description: "messages with one of these tags, such as 'TagA || TagB'; default: all" }),
    sql: Flags.string({
      description: "messages whose properties match, such as 'weight > 3', where brokers filter so",
    }),
    model: Flags.option({ options: models })({
      default: 'clustering',
      description: 'clustering: members share the messages; broadcasting: each gets all, and keeps its own offsets',
    }),
    from: Flags.string({
      description: 'where a group without offsets begins: first, last (default), or a time as -s of consumeMessage',
    }),
    ordered: Flags.boolean({ description: 'lock the queues, and get the messages of each one after the other' }),
    trace: Flags.boolean({ description: 'tell the trace topic of each delivery, for queryMsgTraceById' }),
    count: wholeNumber({ description: 'end after so many messages; default: go on until interrupted' }),
  };

  override async run(): Promise<void> {
    const { flags, args } = await this.parse(Subscribe);
    const topic = args.topic as string | undefined;
    if (topic === undefined) throw new UsageFault('subscribe needs the name of a topic.');
    if (flags.tags !== undefined && flags.sql !== undefined) throw new UsageFault('Give --tags or --sql, not both.');
    const { count } = flags;
    if (count !== undefined && count < 1) throw new ValueFault(`--count is a number from 1, not ${count}.`);
    const { io } = this;
    const start = startOf(flags.from);
    const namesrvAddrs = await findNamesrvAddrs(flags, io.env);
    const printer = new SubscriptionPrinter({ io, count, render: await rendererOf(flags.output) });
    const [{ PushConsumer }, { topicRoute }] = await Promise.all([
      import('../core/client/consumer/push-consumer.ts'),
      import('../core/client/admin/topic-admin.ts'),
    ]);
    // A consumer would wait for the topic; here its name is more likely to be wrong.
    await withAdmin({ flags, io }, (admin) => topicRoute(admin, topic));
    const base: PushConsumerBaseOptions = {
      ...start,
      group: flags.group,
      namesrvAddrs,
      subscriptions: {
        [topic]: flags.sql === undefined ? (flags.tags ?? '*') : { type: 'SQL92', expression: flags.sql },
      },
      enableMsgTrace: flags.trace,
      messageModel: flags.model === 'broadcasting' ? 'BROADCASTING' : 'CLUSTERING',
      logger: warningsTo((text) => io.err(text)),
    };
    const consumer = new PushConsumer(optionsOf(base, flags.ordered, printer));
    const watch = watchInterrupts();
    try {
      await Promise.race([consumer.start(), watch.interrupted]);
      if (io.stderrIsTerminal) io.err(`${consumer.clientId} is a member of ${flags.group}. Ctrl-C leaves it.\n`);
      await Promise.race([printer.ended, watch.interrupted]);
    } finally {
      await consumer.stop();
      watch.dispose();
    }
  }
}

/** One call at a time, so that the lines are in the order of the pulls. */
function optionsOf(
  base: PushConsumerBaseOptions,
  ordered: boolean,
  printer: SubscriptionPrinter,
): AnyPushConsumerOptions {
  if (ordered) {
    const listener: MessageListenerOrderly = (messages) =>
      messages.every((message) => printer.print(message)) ? 'SUCCESS' : 'SUSPEND_CURRENT_QUEUE_A_MOMENT';
    return { ...base, ordered, consumeThreadMax: 1, suspendCurrentQueueTimeMillis: 30_000, listener };
  }
  // What is not printed any more is neither consumed nor sent back: its call never ends, and stop() does not wait for it.
  const listener: MessageListener = (messages) =>
    messages.every((message) => printer.print(message)) ? 'CONSUME_SUCCESS' : new Promise(() => {});
  return { ...base, consumeThreadMax: 1, awaitTerminationMillisWhenShutdown: 0, listener };
}

type Start = Pick<PushConsumerBaseOptions, 'consumeFromWhere' | 'consumeTimestamp'>;

function startOf(from: string | undefined): Start {
  if (from === undefined || from === 'last') return { consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' };
  if (from === 'first') return { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' };
  return { consumeFromWhere: 'CONSUME_FROM_TIMESTAMP', consumeTimestamp: parseTimeValue(from, '--from') };
}

async function rendererOf(output: 'text' | 'json' | 'yaml'): Promise<typeof renderReceivedMessage> {
  if (output === 'text') return renderReceivedMessage;
  if (output === 'json') return receivedMessageJson;
  const [{ stringify }, { plainOf }] = await Promise.all([import('yaml'), import('../cli/machine-output.ts')]);
  return (message) => `---\n${stringify(plainOf(message))}`;
}
