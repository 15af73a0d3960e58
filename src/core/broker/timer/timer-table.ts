/**
 * timerOffset.json (store/timer-offsets.ts) of a running broker. Its commitLogOffset says from where on the commitlog may hold
 * deliveries that the table does not count: a start finds them there. Without a table, or with one that cannot be read, all of
 * them are found there.
 */
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { prettyFastJson } from '../../common/fastjson.ts';
import type { JsonConfigFile } from '../../common/json-config-file.ts';
import type { Logger } from '../../common/logger.ts';
import { decodeMessage } from '../../message/message-codec.ts';
import { Property } from '../../message/properties.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { decodeTimerTable, type TimerTable } from '../../store/timer-offsets.ts';
import type { OffsetSet } from '../offset-set.ts';
import { sourceOf, TIMER_QUEUE_ID } from './timed-message.ts';

const RECORDS_AT_ONCE = 4096;

const deflate = promisify(deflateRaw);

/** Rejects with PocketError STORE. */
export async function writeTimerTable(file: JsonConfigFile, { offset, bits, commitLogOffset }: TimerTable) {
  const delivered = (await deflate(bits)).toString('base64');
  await file.write(prettyFastJson({ offset, delivered, commitLogOffset }));
}

/** The table; undefined when there is none, none that can be read, or one of another store. */
export function readTimerTable(file: JsonConfigFile, store: MessageStore, logger: Logger): TimerTable | undefined {
  const again = 'what is delivered is looked for in the commitlog';
  try {
    const table = file.read(decodeTimerTable);
    const end = store.maxOffsetInQueue(Topic.TIMER, TIMER_QUEUE_ID);
    if (table === undefined) return undefined;
    if (table.offset <= end && table.commitLogOffset <= store.commitLogMaxOffset) return table;
    logger.warn(`${file.path} speaks of more than the store has: ${again}`);
  } catch (error) {
    logger.error(`${file.path} cannot be used: ${again}`, error);
  }
  return undefined;
}

/**
 * Adds the messages that records from commitlog offset `from` on were made from (timed-message.ts), and resolves to how many
 * there are. Rejects with PocketError STORE.
 */
export async function findDelivered(store: MessageStore, delivered: OffsetSet, from: number): Promise<number> {
  let found = 0;
  let looked = 0;
  for (const record of store.records(from)) {
    if (++looked % RECORDS_AT_ONCE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    // Most records are no deliveries; this is much faster than to decode them all.
    if (!record.includes(Property.TIMER_OUT_MS)) continue;
    const made = decodeMessage(record, 0, { decompress: false });
    const at = sourceOf(made);
    const source = at === undefined ? undefined : store.lookMessageByOffset(at);
    if (source === undefined) continue;
    const waiting = decodeMessage(source, 0, { decompress: false });
    const isSource = waiting.topic === Topic.TIMER && waiting.bornTimestamp === made.bornTimestamp;
    if (!isSource || waiting.queueOffset < delivered.from || delivered.has(waiting.queueOffset)) continue;
    delivered.add(waiting.queueOffset);
    found++;
  }
  return found;
}
