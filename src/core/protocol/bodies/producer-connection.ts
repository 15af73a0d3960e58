/**
 * Who produces in a group: answer of GET_PRODUCER_CONNECTION_LIST. Mirrors ProducerConnection and Connection.
 *
 *   {"connectionSet":[{"clientAddr":"ip:port","clientId":S,"language":E,"version":I}]}
 */

import type { JsonObject } from '../../common/fastjson.ts';
import { listMember, numberMember, objectOf, readBody, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

/** One connected client (Java's class is called Connection). */
export interface ClientConnection {
  /** `ip@instance`. */
  clientId: string;
  /** ip:port of the client's end of the socket. */
  clientAddr: string;
  /** LanguageCode name. */
  language: string;
  /** MQVersion number. */
  version: number;
}

export interface ProducerConnection {
  connectionSet: ClientConnection[];
}

/** Throws PocketError PROTOCOL. */
export function decodeProducerConnection(body: Buffer | undefined): ProducerConnection {
  return { connectionSet: readConnectionSet(readBody(body, 'producer connection')) };
}

export function encodeProducerConnection(connection: ProducerConnection): Buffer {
  return writeBody(connection);
}

export function readConnectionSet(object: JsonObject): ClientConnection[] {
  return listMember(object, 'connectionSet').map((value) => {
    const connection = objectOf(value, 'connection');
    return {
      clientId: stringMember(connection, 'clientId') ?? '',
      clientAddr: stringMember(connection, 'clientAddr') ?? '',
      language: stringMember(connection, 'language') ?? 'OTHER',
      version: numberMember(connection, 'version'),
    };
  });
}
