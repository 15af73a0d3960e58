import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-codes.ts';
import { Interruption, StdoutFault, UsageFault, ValueFault } from '../../src/cli/faults.ts';
import { sentenceOf, stackOf } from '../../src/cli/sentences.ts';
import { PocketError } from '../../src/core/common/errors.ts';
import { ResponseCode } from '../../src/core/protocol/response-code.ts';

const errno = (code: string, message: string): Error => Object.assign(new Error(message), { code });
const response = (responseCode: number, detail: string): PocketError =>
  new PocketError('RESPONSE', `the broker said ${detail}`, { responseCode, detail });

describe('exit codes', () => {
  const denied = 'org.apache.rocketmq.acl.common.AclException: No accessKey is configured, org.apache';

  it.each<[string, unknown, number]>([
    ['anything unexpected', new TypeError('x'), 1],
    ['something thrown that is no error', 'x', 1],
    ['a refusal of the broker', response(ResponseCode.SYSTEM_ERROR, 'illegal characters'), 1],
    ['a port in use', new PocketError('IN_USE', 'port 9876 is in use'), 1],
    ['a setting that is not kept', new PocketError('CONFIG', 'flushDiskType'), 1],
    ['a usage fault', new UsageFault('x'), 2],
    ['a value', new ValueFault('x'), 2],
    ['a rule told on stdout', new StdoutFault('x'), 2],
    ['an argument the client refuses', new PocketError('ILLEGAL_ARGUMENT', 'x'), 2],
    ['no connection', new PocketError('CONNECT', 'connect to a:1 failed'), 3],
    ['no name server', new PocketError('NO_NAMESRV', 'x'), 3],
    ['an unknown topic', new PocketError('NOT_FOUND', 'x', { responseCode: 17 }), 4],
    ['no KV entry', response(ResponseCode.QUERY_NOT_FOUND, 'x'), 4],
    ['nobody online', response(ResponseCode.CONSUMER_NOT_ONLINE, 'x'), 4],
    ['no message', response(ResponseCode.NO_MESSAGE, 'x'), 4],
    ['no permission', response(ResponseCode.NO_PERMISSION, 'x'), 5],
    ['access control', response(ResponseCode.SYSTEM_ERROR, denied), 5],
    ['a file that may not be read', errno('EACCES', 'x'), 5],
    ['a store that may not be written', new PocketError('STORE', 'x', { cause: errno('EPERM', 'x') }), 5],
    ['a full disk', new PocketError('STORE', 'x', { cause: errno('ENOSPC', 'x') }), 1],
    ['a started process that was denied something', new PocketError('STOPPED', 'x', { exitCode: 5 }), 5],
    ['a started process that was stopped', new PocketError('STOPPED', 'x', { exitCode: 0 }), 1],
    ['a started process that crashed', new PocketError('STOPPED', 'x', { exitCode: 134 }), 1],
    ['a time-out', new PocketError('TIMEOUT', 'x'), 6],
    ['some brokers', new PocketError('PARTLY', 'x'), 7],
    ['Ctrl-C', new Interruption('SIGINT'), 130],
    ['kill', new Interruption('SIGTERM'), 143],
    ['a terminal that was closed', new Interruption('SIGHUP'), 129],
  ])('%s', (_what, error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

describe('sentences', () => {
  it.each<[unknown, string]>([
    [
      new PocketError('CONNECT', 'connect to [127.0.0.1:29999] failed'),
      "connect to [127.0.0.1:29999] failed: nothing answers there; check the address, or start a local cluster with 'mqadmin up'.",
    ],
    [
      new PocketError('TIMEOUT', 'wait response on the channel <a:1> timeout, 5000(ms)'),
      'wait response on the channel <a:1> timeout, 5000(ms): the process there is busy or hangs; try again, or look into its log.',
    ],
    [
      new PocketError('NOT_FOUND', 'the topic X does not exist', { responseCode: 17 }),
      "the topic X does not exist: 'mqadmin topicList' shows the topics there are, 'mqadmin updateTopic' makes one.",
    ],
    [
      response(1, 'The topic[TBW102] is conflict with system topic.'),
      'CODE: 1  DESC: The topic[TBW102] is conflict with system topic.',
    ],
    [response(1, 'first\n\tsecond'), 'CODE: 1  DESC: first second.'],
    [new PocketError('PARTLY', 'A broker did not answer.'), 'A broker did not answer.'],
    [errno('EACCES', "EACCES: open '/x'"), "EACCES: open '/x': the file or port may not be used by this user."],
    ['x', 'x.'],
  ])('%o', (error, sentence) => {
    expect(sentenceOf(error)).toBe(sentence);
  });

  it('show every stack below with --debug', () => {
    const text = stackOf(new PocketError('STORE', 'outer', { cause: new Error('inner', { cause: 'root' }) }));
    expect(text).toMatch(/^PocketError: outer\n.*\nCaused by: Error: inner\n.*\nCaused by: root$/s);
  });
});
