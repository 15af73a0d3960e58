/**
 * Stored records, fetched from a broker of either kind and read by RocketMQ's own decoder.
 */
import { runProgram } from './java-cluster.ts';
import type { Peer } from './peers.ts';
import type { Cluster } from './traffic.ts';
import { requestOnce } from './wire.ts';

const VIEW_MESSAGE_BY_ID = 33;

/** What MessageDecode.java prints of a message. */
export interface JavaRecord {
  readonly storeSize: number;
  readonly bodyCRC: number;
  readonly queueId: number;
  readonly flag: number;
  readonly queueOffset: number;
  readonly commitLogOffset: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly bornHost: string;
  readonly storeTimestamp: number;
  readonly storeHost: string;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  readonly topic: string;
  readonly msgId: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Hex. */
  readonly body: string;
}

/** The record an offset message id names, byte for byte. */
export async function recordBytes(cluster: Cluster, offsetMsgId: string): Promise<Buffer> {
  const offset = String(BigInt(`0x${offsetMsgId.slice(-16)}`));
  const answer = await requestOnce(cluster.brokerAddr, { code: VIEW_MESSAGE_BY_ID, extFields: { offset } });
  if (answer.code !== 0) throw new Error(`${offsetMsgId}: code ${answer.code} ${answer.remark}`);
  return answer.body;
}

/** What RocketMQ's own decoder makes of records. */
export async function decodeRecords(peer: Peer, records: readonly Buffer[]): Promise<JavaRecord[]> {
  const stdin = records.map((record) => `${record.toString('hex')}\n`).join('');
  const { stdout } = await runProgram(peer, 'MessageDecode', [], { stdin });
  return parseRecords(stdout);
}

/** One JSON object a line, as MessageDecode and ConsumeRecords print them. */
function parseRecords(stdout: string): JavaRecord[] {
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as JavaRecord);
}

export interface ConsumeRecordsOptions {
  readonly topic: string;
  readonly group: string;
  /** Subscription expression, `*` for all. */
  readonly tags: string;
  readonly count: number;
}

/** What an orderly Java consumer gets from the first offset on, in its order; throws unless it gets `count` messages. */
export async function consumeRecords(
  cluster: Cluster,
  peer: Peer,
  { topic, group, tags, count }: ConsumeRecordsOptions,
): Promise<JavaRecord[]> {
  const { stdout } = await runProgram(peer, 'ConsumeRecords', [cluster.namesrvAddr, topic, group, tags, count]);
  return parseRecords(stdout);
}
