/** The options of RocketMQ's benchmark programs, read and printed as theirs; false and 0 where Java's parsers say so. */

import { type ParsedArgv, parseArgv } from '../argv.ts';
import { CliFault, StdoutFault, ValueFault } from '../faults.ts';
import { type CommandOption, parseWholeNumber } from '../flags.ts';
import { usageText } from '../usage.ts';

/** short name, long name, help */
type Row = readonly [short: string, long: string, help: string];

const optionOf = ([short, long, help]: Row): CommandOption => ({
  ...{ short, long, help, printedLong: long },
  ...{ takesValue: long !== 'help', required: false, own: false },
});

const common: readonly Row[] = [
  ['h', 'help', 'Print help'],
  ['a', 'aclEnable', 'Acl Enable, Default: false'],
  ['m', 'msgTraceEnable', 'Message Trace Enable, Default: false'],
  ['t', 'topic', 'Topic name, Default: BenchmarkTest'],
];
const namesrv: Row = ['n', 'namesrvAddr', "Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'"];
const keys: readonly Row[] = [
  ['ak', 'accessKey', 'Acl access key, Default: 12345678'],
  ['sk', 'secretKey', 'Acl secret key, Default: rocketmq2'],
];
const sizes: readonly Row[] = [
  ['k', 'keyEnable', 'Message Key Enable, Default: false'],
  ['l', 'tagCount', 'Tag count, Default: 0'],
  ['s', 'messageSize', 'Message Size, Default: 128'],
  ['w', 'threadCount', 'Thread count, Default: 64'],
];

export const producerOptions: readonly Row[] = [
  ...[...common, ...keys, ...sizes, namesrv],
  ['d', 'delayEnable', 'Delay message Enable, Default: false'],
  ['e', 'delayLevel', 'Delay message level, Default: 1'],
  ['q', 'messageQuantity', 'Send message quantity, Default: 0, running forever'],
  ['y', 'asyncEnable', 'Enable async produce, Default: false'],
];

export const consumerOptions: readonly Row[] = [
  ...[...common, ...keys, namesrv],
  ['e', 'expression', 'filter expression content file path.ie: ./test/expr'],
  ['f', 'filterType', 'TAG, SQL92'],
  ['g', 'group', 'Consumer group name, Default: benchmark_consumer'],
  ['p', 'group prefix enable', 'Is group prefix enable, Default: false'],
  ['r', 'fail rate', 'consumer fail rate, default 0'],
  ['w', 'threadCount', 'Thread count, Default: 20'],
];

export const batchProducerOptions: readonly Row[] = [
  ...[...common, ...sizes],
  ['b', 'batchSize', 'Batch Size, Default: 16'],
  ['c', 'accessKey', 'Acl Access Key, Default: rocketmq2'],
  ['e', 'secretKey', 'Acl Secret Key, Default: 123456789'],
  ['n', 'namesrv', 'name server, Default: 127.0.0.1:9876'],
  ['p', 'propertySize', 'Property Size, Default: 0'],
];

export const transactionProducerOptions: readonly Row[] = [
  ...[...common, ...keys, namesrv],
  ['b', 'test batch id', 'test batch id, Default: System.currentMillis()'],
  ['cr', 'check rollback rate', 'Check rollback rate, Default: 0.0'],
  ['cu', 'check unknown rate', 'Check unknown rate, Default: 0.0'],
  ['i', 'send interval', 'sleep interval in millis between messages, Default: 0'],
  ['s', 'messageSize', 'Message Size, Default: 2048'],
  ['sr', 'send rollback rate', 'Send rollback rate, Default: 0.0'],
  ['su', 'send unknown rate', 'Send unknown rate, Default: 0.0'],
  ['w', 'threadCount', 'Thread count, Default: 32'],
];

/** The values of a line, by the short names. */
export class BenchmarkLine {
  readonly #parsed: ParsedArgv;
  readonly #options: readonly CommandOption[];

  /** Throws a StdoutFault with the usage: 0 for -h, 1 for a line that cannot be understood. ACL is refused. */
  constructor(app: string, rows: readonly Row[], argv: readonly string[]) {
    this.#options = rows.map(optionOf);
    const usage = usageText(app, this.#options, []);
    try {
      this.#parsed = parseArgv(argv, this.#options);
    } catch {
      throw new StdoutFault(usage, 1);
    }
    if (this.#parsed.values.has('help')) throw new StdoutFault(usage, 0);
    if (this.flag('a')) throw new CliFault('Access control is not built yet: leave -a out.', 1);
  }

  text(short: string): string | undefined {
    return this.#parsed.values.get(this.#options.find((option) => option.short === short)?.long ?? short);
  }

  /** Java's parseBoolean: anything but true, in any case, is false. */
  flag(short: string): boolean {
    return this.text(short)?.toLowerCase() === 'true';
  }

  /** Throws ValueFault for a text that is no whole number. */
  number(short: string, otherwise: number): number {
    const text = this.text(short);
    return text === undefined ? otherwise : parseWholeNumber(text, `-${short}`);
  }

  /** From 0 to 1, 0 where it is not given. Throws ValueFault for another text. */
  rate(short: string): number {
    const text = this.text(short);
    const rate = text === undefined ? 0 : Number(text);
    if (rate >= 0 && rate <= 1) return rate;
    throw new ValueFault(`-${short} is a number from 0 to 1, not "${text}".`);
  }
}
