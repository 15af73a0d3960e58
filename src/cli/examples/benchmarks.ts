/** The benchmark programs by the names of their classes. */

import { benchmarkConsumer } from './benchmark-consumer.ts';
import {
  BenchmarkLine,
  batchProducerOptions,
  consumerOptions,
  producerOptions,
  transactionProducerOptions,
} from './benchmark-options.ts';
import { benchmarkBatchProducer, benchmarkProducer } from './benchmark-producer.ts';
import { benchmarkTransactionProducer } from './benchmark-transactions.ts';
import type { ExampleProgram } from './example-run.ts';

interface Benchmark {
  readonly program: ExampleProgram;
  readonly namesrvAddr: string | undefined;
}

const benchmark = (line: BenchmarkLine, make: (line: BenchmarkLine) => ExampleProgram): Benchmark => ({
  program: make(line),
  namesrvAddr: line.text('n'),
});

/** Class name behind `org.apache.rocketmq.example.benchmark.`, and the words behind it, make the program. */
export const benchmarkPrograms: Readonly<Record<string, (argv: readonly string[]) => Benchmark>> = {
  Producer: (argv) => benchmark(new BenchmarkLine('benchmarkProducer', producerOptions, argv), benchmarkProducer),
  Consumer: (argv) => benchmark(new BenchmarkLine('benchmarkConsumer', consumerOptions, argv), benchmarkConsumer),
  BatchProducer: (argv) =>
    benchmark(new BenchmarkLine('benchmarkBatchProducer', batchProducerOptions, argv), benchmarkBatchProducer),
  TransactionProducer: (argv) =>
    benchmark(new BenchmarkLine('TransactionProducer', transactionProducerOptions, argv), benchmarkTransactionProducer),
};
