/** A broker on a temporary store and free ports, with a client to talk to it; everything is stopped and removed after a test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { Broker, type BrokerOptions } from '../../../src/core/broker/broker.ts';
import { pickBrokerPort } from '../../../src/core/cluster/free-ports.ts';
import { type Clock, systemClock } from '../../../src/core/common/clock.ts';
import type { BrokerConfig } from '../../../src/core/common/config-schema.ts';
import type { Logger } from '../../../src/core/common/logger.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import type { Service } from '../../../src/core/common/service.ts';
import type { SendMessageHeader } from '../../../src/core/protocol/requests/send-message.ts';
import { sendMessageV2, toSendMessageV2Header } from '../../../src/core/protocol/requests/send-message-v2.ts';
import type { Fields, HeaderOf, RequestSchema } from '../../../src/core/protocol/schema.ts';
import type { ProcessorTable } from '../../../src/core/remoting/processor-table.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';
import { createRequest, type RemotingCommand } from '../../../src/core/remoting/remoting-command.ts';
import { testConfig } from './broker-config.ts';

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Stops the service after the test. */
export function stopAfter<S extends Pick<Service, 'stop'>>(service: S): S {
  cleanups.push(() => service.stop());
  return service;
}

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pocketmq-broker-'));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export interface TestBrokerOptions extends Partial<Omit<BrokerOptions, 'config'>> {
  config?: Partial<BrokerConfig>;
}

/** Small files: a commitlog file of 1 MiB is sparse all the same, but quick to make. */
const SMALL_FILES = { mappedFileSizeCommitLog: 1024 * 1024, mappedFileSizeConsumeQueue: 20_000 };

export async function startBroker(options: TestBrokerOptions = {}, signal?: AbortSignal): Promise<Broker> {
  const storeDir = options.storeDir ?? temporaryDir();
  const listenPort = options.config?.listenPort ?? (await pickBrokerPort('127.0.0.1', Math.random));
  const config = testConfig({ ...SMALL_FILES, storePathRootDir: storeDir, ...options.config, listenPort });
  const broker = new Broker({
    host: '127.0.0.1',
    clock: systemClock,
    logger: silentLogger,
    ...options,
    storeDir,
    config,
  });
  stopAfter(broker);
  await broker.start(signal);
  return broker;
}

export interface TestClient {
  /** Answers whatever the code. */
  ask<Q extends Fields, S extends Fields>(
    schema: RequestSchema<Q, S>,
    header: HeaderOf<Q>,
    body?: Buffer,
  ): Promise<RemotingCommand>;
  send(fields?: Partial<SendMessageHeader>, body?: string | Buffer): Promise<RemotingCommand>;
  readonly remoting: RemotingClient;
}

export function connectTo(addr: string, processors?: ProcessorTable<unknown>): TestClient {
  const remoting = new RemotingClient({ clock: systemClock, logger: silentLogger, ...(processors && { processors }) });
  stopAfter(remoting);
  const ask: TestClient['ask'] = (schema, header, body) =>
    remoting.invoke(addr, createRequest(schema, header, body), 5000);
  return {
    remoting,
    ask,
    send: (fields = {}, body = 'hello') =>
      ask(sendMessageV2, toSendMessageV2Header({ ...plainSend, ...fields }), Buffer.from(body)),
  };
}

/** What a Java producer sends for a message with one tag. */
export const plainSend: SendMessageHeader = {
  producerGroup: 'P',
  topic: 'TopicTest',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 0,
  sysFlag: 0,
  bornTimestamp: 1_700_000_000_000,
  flag: 0,
  properties: 'TAGS\x01TagA\x02UNIQ_KEY\x017F00000100\x02WAIT\x01true',
  reconsumeTimes: 0,
  unitMode: false,
  batch: false,
};

/** Everything that was logged, and a logger that does. */
export function recordingLogger(): { lines: string[]; logger: Logger } {
  const lines: string[] = [];
  const add = (message: string): void => {
    lines.push(message);
  };
  return { lines, logger: { debug: add, info: add, warn: add, error: add } };
}

/** Resolves when `condition` holds; the caller's test times out when it never does. */
export async function until(condition: () => boolean | Promise<boolean>, clock: Clock = systemClock): Promise<void> {
  while (!(await condition())) await new Promise<void>((resolve) => void clock.after(2, resolve));
}
