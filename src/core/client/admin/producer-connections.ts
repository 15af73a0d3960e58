/** Who produces: mqadmin's producerConnection and producer. Mirrors the subcommands. */

import { PocketError } from '../../common/errors.ts';
import { type ClientConnection, decodeProducerConnection } from '../../protocol/bodies/producer-connection.ts';
import { decodeProducerTableInfo, type ProducerInfo } from '../../protocol/bodies/producer-table-info.ts';
import { getAllProducerInfo } from '../../protocol/requests/get-all-producer-info.ts';
import { getProducerConnectionList } from '../../protocol/requests/get-producer-connection-list.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { topicRoute } from './topic-admin.ts';

/**
 * The members of a producer group, asked of one broker of the topic by chance. Rejects with NOT_FOUND for an unknown topic, or
 * for a group of which the broker knows nobody.
 */
export async function producerConnections(
  admin: Admin,
  producerGroup: string,
  topic: string,
): Promise<ClientConnection[]> {
  const { brokerDatas } = await topicRoute(admin, topic);
  const broker = brokerDatas[Math.floor(admin.random() * brokerDatas.length)];
  const addr = broker && selectBrokerAddr(broker, admin.random);
  if (addr === undefined) throw new PocketError('NOT_FOUND', `no broker of the topic ${topic} is known`);
  const { body } = await admin.askBroker(addr, getProducerConnectionList, { producerGroup }).catch((error: unknown) => {
    throw isUnknown(error) ? groupNotFound(error) : error;
  });
  return decodeProducerConnection(body).connectionSet;
}

const isUnknown = (error: unknown): error is PocketError =>
  error instanceof PocketError && /^the producer group\[.*\] not exist$/.test(error.detail ?? '');

function groupNotFound(error: PocketError): PocketError {
  const { message, responseCode = 1, detail = '' } = error;
  return new PocketError('NOT_FOUND', message, { cause: error, responseCode, detail });
}

export interface ProducerGroup {
  readonly producerGroup: string;
  readonly producers: readonly ProducerInfo[];
}

/** Every producer connected to a broker, by group in Java's hash order. */
export async function allProducers(admin: Admin, brokerAddr: string): Promise<ProducerGroup[]> {
  const { data } = decodeProducerTableInfo((await admin.askBroker(brokerAddr, getAllProducerInfo, {})).body);
  return javaStringHashOrder(Object.keys(data)).map((producerGroup) => ({
    producerGroup,
    producers: data[producerGroup] ?? [],
  }));
}
