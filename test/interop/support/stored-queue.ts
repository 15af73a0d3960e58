/**
 * What a broker of either kind has in a queue, record by record, without a consumer: QUERY_CONSUME_QUEUE and
 * VIEW_MESSAGE_BY_ID ask for no topic configuration, so that inner queues can be looked at as well.
 */
import type { Cluster } from './traffic.ts';
import { requestOnce } from './wire.ts';

const QUERY_CONSUME_QUEUE = 321;
const VIEW_MESSAGE_BY_ID = 33;
const PAGE = 32;

/** The records of a queue from `from` on; none where there is no such queue. */
export async function storedQueue(cluster: Cluster, topic: string, queueId = 0, from = 0): Promise<Buffer[]> {
  const records: Buffer[] = [];
  for (let index = from; ; index += PAGE) {
    const extFields = { topic, queueId: String(queueId), index: String(index), count: String(PAGE) };
    const page = await requestOnce(cluster.brokerAddr, { code: QUERY_CONSUME_QUEUE, extFields });
    if (page.code !== 0 || page.body.length === 0) return records;
    const { queueData = [] } = JSON.parse(page.body.toString()) as { queueData?: { physicOffset: number }[] };
    for (const { physicOffset } of queueData) {
      const fields = { offset: String(physicOffset) };
      const view = await requestOnce(cluster.brokerAddr, { code: VIEW_MESSAGE_BY_ID, extFields: fields });
      if (view.code !== 0) throw new Error(`${topic} ${queueId} at ${physicOffset}: code ${view.code} ${view.remark}`);
      records.push(view.body);
    }
    if (queueData.length < PAGE) return records;
  }
}
