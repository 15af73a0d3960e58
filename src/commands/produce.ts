/**
 * mqadmin produce: sends many messages, from lines of stdin or a file, or made by a template, and tells how fast. Ctrl-C ends
 * it after what is under way is answered.
 */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { UsageFault, ValueFault } from '../cli/faults.ts';
import { wholeNumber } from '../cli/flags.ts';
import type { ProduceResult } from '../cli/produce/produce-run.ts';
import { rateOf } from '../cli/rate.ts';

const sources = ['stdin', 'file', 'body', 'size'] as const;
const modes = ['sync', 'async', 'oneway', 'batch'] as const;
const numbers = ['count', 'size', 'batch', 'window'] as const;

export default class Produce extends BaseCommand {
  static override summary = 'Send many messages: lines, or made by a template';
  static override operands = 'TOPIC';
  static override args = { topic: Args.string() };
  static override notes =
    'A line ends with LF or CRLF; empty lines are passed over. Lines of `store export` and of `subscribe --output json` are \
JSON lines, too. Without --continue-on-error the first line that is broken or cannot be sent ends it, after what is under way \
is answered; with it the exit code is 7 when some were not sent. With --async lines behind one that failed may have been sent; \
--sync sends none.';
  static override examples = [
    'seq 1000 | mqadmin produce orders --stdin',
    "mqadmin produce orders -p 'order {{n}} {{uuid}}' --count 10000 --rate 500",
    'mqadmin produce orders --file orders.jsonl --sync --continue-on-error',
    'mqadmin produce orders --size 1024 --count 1000000 --batch 100',
  ];
  static override flags = {
    stdin: Flags.boolean({ description: 'a message a line of stdin' }),
    file: Flags.string({ char: 'f', description: 'a message a line of this file; - is stdin' }),
    format: Flags.option({ options: ['line', 'json'] as const })({
      description:
        'line: a line is the body; json: a line is {"body" or "bodyBase64", and if wanted "tags", "keys", \
"properties", "delay", "shardingKey", "topic"}; default: json of files named .jsonl and .ndjson, else line',
    }),
    body: Flags.string({
      char: 'p',
      description:
        'body of every message; {{n}}, {{time}}, {{millis}}, {{uuid}} and {{random 10}} in it, in --keys, \
--sharding-key and --property are filled in for each',
    }),
    size: wholeNumber({ description: 'bodies of so many bytes' }),
    count: wholeNumber({ description: 'so many messages; default: 1 of -p and --size, all lines' }),
    rate: Flags.string({ description: 'messages a second, as 50 or 50/s; default: as fast as brokers take them' }),
    sync: Flags.boolean({ description: 'one after the other, each when the last is stored' }),
    async: Flags.boolean({ description: 'several under way at a time; the default' }),
    window: wholeNumber({ default: 256, description: 'how many are under way with --async; default 256' }),
    oneway: Flags.boolean({ description: 'brokers do not answer: what is lost is not noticed' }),
    batch: wholeNumber({ description: 'so many in one request, which is stored whole or not at all' }),
    tags: Flags.string({ description: 'tag of the messages' }),
    keys: Flags.string({ description: 'keys of the messages, with blanks between' }),
    property: Flags.string({ multiple: true, description: 'name=value; may be given several times' }),
    delay: Flags.string({ description: 'delay level, as its number or its time: 3 or 10s' }),
    'sharding-key': Flags.string({ description: 'messages of one key go to one queue' }),
    group: Flags.string({ default: 'pocketmq_produce', description: 'producer group; default pocketmq_produce' }),
    'continue-on-error': Flags.boolean({ description: 'go on behind lines that are broken or cannot be sent' }),
  };

  override async run(): Promise<ProduceResult> {
    const { flags, args } = await this.parse(Produce);
    const topic = args.topic as string | undefined;
    if (topic === undefined) throw new UsageFault('produce needs the name of a topic.');
    if (sources.filter((name) => flags[name] !== undefined && flags[name] !== false).length !== 1) {
      throw new UsageFault('Give one of --stdin, --file, --body and --size: where the messages come from.');
    }
    const given = modes.filter((name) => flags[name] !== undefined && flags[name] !== false);
    if (given.length > 1) throw new UsageFault('Give one of --sync, --async, --oneway and --batch.');
    for (const name of numbers) {
      const value = flags[name];
      if (value !== undefined && value < 1) throw new ValueFault(`--${name} is a number from 1, not ${value}.`);
    }
    const { produce } = await import('../cli/produce/produce.ts');
    const source = flags.stdin ? '-' : flags.file;
    const { result, unit, failure } = await produce(
      { ...flags, rate: rateOf(flags.rate), topic, source, mode: given[0] ?? 'async' },
      { io: this.io, flags },
    );
    const { renderProduced } = await import('../cli/output/produced.ts');
    await this.print(flags, { topic, ...result }, () => renderProduced(result, topic, unit));
    if (failure !== undefined) throw failure;
    return result;
  }
}
