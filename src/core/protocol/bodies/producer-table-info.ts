/**
 * Every connected producer of a broker: answer of GET_ALL_PRODUCER_INFO. Mirrors ProducerTableInfo and ProducerInfo.
 *
 *   {"data":{group:[{"clientId":S,"language":E,"lastUpdateTimestamp":L,"remoteIP":"/ip:port","version":I}]}}
 */

import { listMember, numberMember, objectOf, readBody, recordMember, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

/** One client that produces in a group. */
export interface ProducerInfo {
  clientId: string;
  /** `/ip:port` of the client's end of the socket. */
  remoteIP: string;
  /** LanguageCode name. */
  language: string;
  /** MQVersion number. */
  version: number;
  /** Of its last heartbeat, ms. */
  lastUpdateTimestamp: number;
}

export interface ProducerTableInfo {
  /** By producer group. */
  data: Record<string, ProducerInfo[]>;
}

/** Throws PocketError PROTOCOL. */
export function decodeProducerTableInfo(body: Buffer | undefined): ProducerTableInfo {
  const object = readBody(body, 'producer table');
  return {
    data: recordMember(object, 'data', (list) =>
      listMember({ list }, 'list').map((value) => {
        const producer = objectOf(value, 'producer');
        return {
          clientId: stringMember(producer, 'clientId') ?? '',
          remoteIP: stringMember(producer, 'remoteIP') ?? '',
          language: stringMember(producer, 'language') ?? 'OTHER',
          version: numberMember(producer, 'version'),
          lastUpdateTimestamp: numberMember(producer, 'lastUpdateTimestamp'),
        };
      }),
    ),
  };
}

export function encodeProducerTableInfo(table: ProducerTableInfo): Buffer {
  return writeBody(table);
}
