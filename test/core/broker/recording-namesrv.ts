/** A namesrv that writes down what a broker tells it. */
import { systemClock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { decodeRegisterBrokerBody } from '../../../src/core/protocol/bodies/register-broker-body.ts';
import type { TopicConfig } from '../../../src/core/protocol/bodies/topic-config.ts';
import { queryDataVersion } from '../../../src/core/protocol/requests/query-data-version.ts';
import { registerBroker } from '../../../src/core/protocol/requests/register-broker.ts';
import { unregisterBroker } from '../../../src/core/protocol/requests/unregister-broker.ts';
import { ProcessorTable, SUSPENDED } from '../../../src/core/remoting/processor-table.ts';
import { RemotingServer } from '../../../src/core/remoting/remoting-server.ts';
import { stopAfter } from './test-broker.ts';

export interface HeardRegistration {
  readonly brokerAddr: string;
  readonly haServerAddr: string;
  readonly compressed: boolean | undefined;
  readonly version: number;
  readonly topics: Readonly<Record<string, TopicConfig>>;
}

export interface RecordingNamesrv {
  readonly addr: string;
  readonly registrations: HeardRegistration[];
  /** brokerAddr of each. */
  readonly unregistrations: string[];
  /** QUERY_DATA_VERSION requests, answered with "unchanged". */
  queries: number;
  /** True: registrations get no answer. */
  silent: boolean;
  last(): HeardRegistration | undefined;
  stop(): Promise<void>;
}

/** `port` 0: any free one. */
export async function startRecordingNamesrv(port = 0): Promise<RecordingNamesrv> {
  const heard = {
    addr: '',
    registrations: [] as HeardRegistration[],
    unregistrations: [] as string[],
    queries: 0,
    silent: false,
    last: () => heard.registrations.at(-1),
    stop: () => server.stop(),
  };
  const processors = new ProcessorTable<unknown>(undefined, silentLogger)
    .register(registerBroker, (_, { header, body }) => {
      const decoded = decodeRegisterBrokerBody(body, { compressed: header.compressed === true, version: 407 });
      const { dataVersion, topicConfigTable } = decoded.topicConfigSerializeWrapper;
      const { brokerAddr, haServerAddr, compressed } = header;
      heard.registrations.push({
        brokerAddr,
        haServerAddr,
        compressed,
        version: dataVersion.counter,
        topics: topicConfigTable,
      });
      return heard.silent ? SUSPENDED : { code: 0, header: {} };
    })
    .register(unregisterBroker, (_, { header }) => {
      heard.unregistrations.push(header.brokerAddr);
      return { code: 0 };
    })
    .register(queryDataVersion, () => {
      heard.queries++;
      return { code: 0, header: { changed: false } };
    });
  const server = stopAfter(
    new RemotingServer({ host: '127.0.0.1', port, clock: systemClock, logger: silentLogger, processors }),
  );
  await server.start();
  heard.addr = `127.0.0.1:${server.port}`;
  return heard;
}
