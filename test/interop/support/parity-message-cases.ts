/** Commands that send and read messages. */
import { maskColumns, maskLines } from './mask.ts';
import { failed, type ParityCase, TOPIC } from './parity-case.ts';
import { CONSUME_MESSAGE_MASK, SEND_MESSAGE_MASK } from './parity-masks.ts';

export const MESSAGE_CASES: readonly ParityCase[] = [
  {
    name: 'sendMessage to a queue',
    args: () => [
      'sendMessage',
      '-t',
      'SendTopic',
      '-p',
      'hello',
      '-b',
      'broker-a',
      '-i',
      '1',
      '-k',
      'key',
      '-c',
      'Tag',
    ],
    compare: (stdout) => maskColumns(stdout, SEND_MESSAGE_MASK),
  },
  {
    name: 'sendMessage to the only queue of a topic it makes',
    args: () => ['sendMessage', '-t', 'ParityAuto', '-p', 'hello', '-b', 'broker-a', '-i', '0'],
    compare: (stdout) => maskColumns(stdout, SEND_MESSAGE_MASK),
  },
  {
    name: 'sendMessage to a queue of no broker',
    args: () => ['sendMessage', '-t', TOPIC, '-p', 'hello', '-i', '0'],
    code: 2,
  },
  {
    name: 'sendMessage to a queue that is not there',
    args: () => ['sendMessage', '-t', 'SendTopic', '-p', 'hello', '-b', 'broker-a', '-i', '7'],
    code: 1,
    stderr: { real: failed('SendMessageCommand'), ours: failed('SendMessageCommand') },
  },
  ...[
    ['of a topic', []],
    ['of one queue', ['-b', 'broker-a', '-i', '2']],
    ['of one queue from an offset', ['-b', 'broker-a', '-i', '2', '-o', '1']],
    ['of one queue from an offset too large', ['-b', 'broker-a', '-i', '2', '-o', '7']],
    ['of one queue, fewer than there are', ['-b', 'broker-a', '-i', '2', '-c', '1']],
    ['of a topic, fewer than there are', ['-c', '1']],
    ['of a group', ['-g', 'ParityGroup']],
    ['before the first message', ['-s', '1000', '-e', '2000']],
    ['since the first message', ['-s', '2001-01-01#00:00:00:000']],
  ].map(([what, args]) => ({
    name: `consumeMessage ${what}`,
    args: () => ['consumeMessage', '-t', TOPIC, ...(args as string[])],
    compare: (stdout: string) => maskLines(stdout, CONSUME_MESSAGE_MASK),
  })),
  ...[
    ['a queue without a broker', ['-i', '2']],
    ['an offset without a queue', ['-b', 'broker-a', '-o', '1']],
    ['no messages', ['-c', '0']],
    ['a beginning to come', ['-s', '9999999999999']],
    ['an end to come', ['-e', '9999999999999']],
    ['an end before the beginning', ['-s', '2000', '-e', '1000']],
  ].map(([what, args]) => ({
    name: `consumeMessage of ${what}`,
    args: () => ['consumeMessage', '-t', TOPIC, ...(args as string[])],
    code: 2,
  })),
  {
    name: 'consumeMessage of an unknown topic',
    args: () => ['consumeMessage', '-t', 'NoSuchTopic'],
    code: 4,
    stderr: { real: /\bTopic|topic/, ours: /topic/ },
  },
];
