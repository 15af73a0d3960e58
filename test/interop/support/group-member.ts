/**
 * A push consumer of any client as a process of its own: the same options for all of them, and the same lines out of them.
 * Java's are test/interop/java's PushConsume, the others' are below test/interop/clients.
 */
import { fileURLToPath } from 'node:url';
import { startProgram } from './java-cluster.ts';
import { type ClientName, OtherClient } from './other-clients.ts';
import { ensurePeer, type PeerVersion } from './peers.ts';
import { Spawned } from './process.ts';
import { Consumer } from './traffic.ts';

export type MemberKind = `Java ${Exclude<PeerVersion, '4.9.1'>}` | Exclude<ClientName, 'JavaScript'> | 'ours';

export interface MemberOptions {
  readonly topic: string;
  readonly group: string;
  /** All messages where neither of the two is given. */
  readonly tags?: string;
  /** Not C++. */
  readonly sql?: string;
  readonly orderly?: boolean;
  readonly broadcasting?: boolean;
  /** maxReconsumeTimes; not C++. */
  readonly max?: number;
  /** Java and Go. */
  readonly namespace?: string;
  /** The same name finds the same local offsets. */
  readonly instance?: string;
  /** Folder of the offsets of a broadcasting consumer; not C++, which keeps none. */
  readonly offsets?: string;
}

const OUR_PROGRAM = fileURLToPath(new URL('../clients/ours/client.cjs', import.meta.url));

/** Starts it; nothing is known yet of whether it holds queues. */
export async function startMember(kind: MemberKind, namesrvAddr: string, options: MemberOptions): Promise<Consumer> {
  if (kind === 'Java 4.9.7' || kind === 'Java 5.4.0') return javaMember(kind, namesrvAddr, options);
  const { topic, group, offsets } = options;
  const args = ['consume', namesrvAddr, topic, group, ...wordsOf(kind, options)];
  if (kind === 'ours') return Consumer.of(new Spawned('our consumer', process.execPath, [OUR_PROGRAM, ...args]));
  const env: Record<string, string> = offsets === undefined ? {} : { 'rocketmq.client.localOffsetStoreDir': offsets };
  return Consumer.of((await OtherClient.ensure(kind)).startWith(env, ...args));
}

async function javaMember(
  kind: 'Java 4.9.7' | 'Java 5.4.0',
  namesrvAddr: string,
  options: MemberOptions,
): Promise<Consumer> {
  const { topic, group, instance, offsets } = options;
  const peer = await ensurePeer(kind === 'Java 4.9.7' ? '4.9.7' : '5.4.0');
  const jvm = wordsOf(kind, options).map((word) => `-Dpocketmq.${word}`);
  if (offsets !== undefined) jvm.push(`-Drocketmq.client.localOffsetStoreDir=${offsets}`);
  const args = [namesrvAddr, topic, group, 'first', 1, 'eof', ...(instance === undefined ? [] : [instance])];
  return Consumer.of(await startProgram(peer, 'PushConsume', args, { jvm }));
}

/** What the programs take by the same names. */
function wordsOf(kind: MemberKind, options: MemberOptions): string[] {
  const { tags, sql, orderly, broadcasting, max, namespace, instance, offsets } = options;
  const words = Object.entries({
    tags,
    sql,
    orderly,
    max,
    namespace,
    model: broadcasting ? 'BROADCASTING' : undefined,
  });
  if (!kind.startsWith('Java')) words.push(['instance', instance]);
  if (kind === 'ours') words.push(['offsets', offsets]);
  return words.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}`);
}
