/** What consumerConnection, producerConnection and producer print. */

import type { ProducerGroup } from '../../core/client/admin/producer-connections.ts';
import { javaStringHashOrder } from '../../core/client/java-hash-order.ts';
import type { ConsumerConnection } from '../../core/protocol/bodies/consumer-connection.ts';
import type { ClientConnection } from '../../core/protocol/bodies/producer-connection.ts';
import { versionName } from '../../core/protocol/mq-version.ts';
import { left } from './columns.ts';

export function renderConsumerConnection(connection: ConsumerConnection): string {
  const { connectionSet, subscriptionTable, consumeType, messageModel, consumeFromWhere } = connection;
  const heading = connectionLine('#ClientId', '#ClientAddr', '#Language', '#Version');
  const clients = connectionSet.map(({ clientId, clientAddr, language, version }) =>
    connectionLine(clientId, clientAddr, language, versionName(version)),
  );
  const subscriptions = javaStringHashOrder(Object.keys(subscriptionTable)).map(
    (topic) => `${left(topic, 20)} ${subscriptionTable[topic]?.subString ?? ''}\n`,
  );
  return [
    heading,
    ...clients,
    `\nBelow is subscription:\n${left('#Topic', 20)} #SubExpression\n`,
    ...subscriptions,
    `\nConsumeType: ${consumeType ?? null}\n`,
    `MessageModel: ${messageModel ?? null}\n`,
    `ConsumeFromWhere: ${consumeFromWhere ?? null}\n`,
  ].join('');
}

const connectionLine = (clientId: string, addr: string, language: string, version: string): string =>
  `${left(clientId, 36)} ${left(addr, 22)} ${left(language, 10)} ${version}\n`;

export function renderProducerConnections(connections: readonly ClientConnection[]): string {
  return connections
    .map(({ clientId, clientAddr, language, version }, index) => {
      const number = String(index + 1).padStart(4, '0');
      return `${number}  ${left(clientId, 32)} ${left(clientAddr, 22)} ${left(language, 8)} ${versionName(version)}\n`;
    })
    .join('');
}

/** A connection for json and yaml: the version by its name. */
export const connectionDocument = (connection: ClientConnection): object => ({
  ...connection,
  version: versionName(connection.version),
});

export function renderProducers(groups: readonly ProducerGroup[]): string {
  return groups.map(producerLines).join('');
}

function producerLines({ producerGroup, producers }: ProducerGroup): string {
  if (producers.length === 0) return `producer group (${producerGroup}) instances are empty\n`;
  const lines = producers.map(
    ({ clientId, remoteIP, language, version, lastUpdateTimestamp }) =>
      `producer group (${producerGroup}) instance : clientId=${clientId},remoteIP=${remoteIP}, language=${language}, ` +
      `version=${version}, lastUpdateTimestamp=${lastUpdateTimestamp}\n`,
  );
  return lines.join('');
}
