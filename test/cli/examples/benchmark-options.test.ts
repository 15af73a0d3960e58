import { describe, expect, it } from 'vitest';
import {
  BenchmarkLine,
  batchProducerOptions,
  consumerOptions,
  producerOptions,
} from '../../../src/cli/examples/benchmark-options.ts';
import { StdoutFault } from '../../../src/cli/faults.ts';

function usage(app: string, rows: typeof producerOptions, ...argv: string[]): StdoutFault {
  try {
    new BenchmarkLine(app, rows, argv);
  } catch (error) {
    if (error instanceof StdoutFault) return error;
  }
  throw new Error('no usage was printed');
}

// Recorded from benchmark/producer.sh, consumer.sh and batchproducer.sh of 4.9.7.
const PRODUCER = `usage: benchmarkProducer [-a <arg>] [-ak <arg>] [-d <arg>] [-e <arg>] [-h] [-k <arg>] [-l <arg>] [-m <arg>]
       [-n <arg>] [-q <arg>] [-s <arg>] [-sk <arg>] [-t <arg>] [-w <arg>] [-y <arg>]
 -a,--aclEnable <arg>         Acl Enable, Default: false
 -ak,--accessKey <arg>        Acl access key, Default: 12345678
 -d,--delayEnable <arg>       Delay message Enable, Default: false
 -e,--delayLevel <arg>        Delay message level, Default: 1
 -h,--help                    Print help
 -k,--keyEnable <arg>         Message Key Enable, Default: false
 -l,--tagCount <arg>          Tag count, Default: 0
 -m,--msgTraceEnable <arg>    Message Trace Enable, Default: false
 -n,--namesrvAddr <arg>       Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'
 -q,--messageQuantity <arg>   Send message quantity, Default: 0, running forever
 -s,--messageSize <arg>       Message Size, Default: 128
 -sk,--secretKey <arg>        Acl secret key, Default: rocketmq2
 -t,--topic <arg>             Topic name, Default: BenchmarkTest
 -w,--threadCount <arg>       Thread count, Default: 64
 -y,--asyncEnable <arg>       Enable async produce, Default: false
`;
const CONSUMER = `usage: benchmarkConsumer [-a <arg>] [-ak <arg>] [-e <arg>] [-f <arg>] [-g <arg>] [-h] [-m <arg>] [-n <arg>]
       [-p <arg>] [-r <arg>] [-sk <arg>] [-t <arg>] [-w <arg>]
 -a,--aclEnable <arg>             Acl Enable, Default: false
 -ak,--accessKey <arg>            Acl access key, Default: 12345678
 -e,--expression <arg>            filter expression content file path.ie: ./test/expr
 -f,--filterType <arg>            TAG, SQL92
 -g,--group <arg>                 Consumer group name, Default: benchmark_consumer
 -h,--help                        Print help
 -m,--msgTraceEnable <arg>        Message Trace Enable, Default: false
 -n,--namesrvAddr <arg>           Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'
 -p,--group prefix enable <arg>   Is group prefix enable, Default: false
 -r,--fail rate <arg>             consumer fail rate, default 0
 -sk,--secretKey <arg>            Acl secret key, Default: rocketmq2
 -t,--topic <arg>                 Topic name, Default: BenchmarkTest
 -w,--threadCount <arg>           Thread count, Default: 20
`;
const BATCH_PRODUCER = `usage: benchmarkBatchProducer [-a <arg>] [-b <arg>] [-c <arg>] [-e <arg>] [-h] [-k <arg>] [-l <arg>] [-m
       <arg>] [-n <arg>] [-p <arg>] [-s <arg>] [-t <arg>] [-w <arg>]
 -a,--aclEnable <arg>        Acl Enable, Default: false
 -b,--batchSize <arg>        Batch Size, Default: 16
 -c,--accessKey <arg>        Acl Access Key, Default: rocketmq2
 -e,--secretKey <arg>        Acl Secret Key, Default: 123456789
 -h,--help                   Print help
 -k,--keyEnable <arg>        Message Key Enable, Default: false
 -l,--tagCount <arg>         Tag count, Default: 0
 -m,--msgTraceEnable <arg>   Message Trace Enable, Default: false
 -n,--namesrv <arg>          name server, Default: 127.0.0.1:9876
 -p,--propertySize <arg>     Property Size, Default: 0
 -s,--messageSize <arg>      Message Size, Default: 128
 -t,--topic <arg>            Topic name, Default: BenchmarkTest
 -w,--threadCount <arg>      Thread count, Default: 64
`;

describe('the options of the benchmarks', () => {
  it.each([
    ['benchmarkProducer', producerOptions, PRODUCER],
    ['benchmarkConsumer', consumerOptions, CONSUMER],
    ['benchmarkBatchProducer', batchProducerOptions, BATCH_PRODUCER],
  ])("%s: the usage is the original's", (app, rows, text) => {
    expect(usage(app, rows, '-h')).toMatchObject({ message: text, exitCode: 0 });
    expect(usage(app, rows, '-z')).toMatchObject({ message: text, exitCode: 1 });
  });

  it('reads them by their short and long names', () => {
    const line = new BenchmarkLine('benchmarkProducer', producerOptions, [
      '-w',
      '3',
      '--topic',
      'T',
      '-ak',
      'x',
      '-k',
      'TRUE',
    ]);
    expect([line.number('w', 64), line.number('s', 128), line.text('t'), line.text('ak')]).toEqual([3, 128, 'T', 'x']);
    expect([line.flag('k'), line.flag('y')]).toEqual([true, false]);
    expect(() => new BenchmarkLine('b', producerOptions, ['-w', 'x']).number('w', 1)).toThrow(
      '-w must be a whole number',
    );
    expect(() => new BenchmarkLine('b', producerOptions, ['-a', 'true'])).toThrow('Access control is not built yet');
  });
});
