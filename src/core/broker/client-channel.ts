/** A client as its heartbeat on one connection introduced it (ClientChannelInfo). */

import type { ClientConnection } from '../protocol/bodies/producer-connection.ts';
import type { Connection } from '../remoting/connection.ts';

/** A client that has not sent a heartbeat for this long is gone (CHANNEL_EXPIRED_TIMEOUT). */
export const CHANNEL_EXPIRED_MS = 120_000;

/** What the managers need of a client's connection. */
export type PeerConnection = Pick<Connection, 'remoteAddr' | 'waitingBytes' | 'oneway' | 'invoke' | 'close'>;

export interface ClientChannel {
  readonly connection: PeerConnection;
  readonly clientId: string;
  /** LanguageCode name of the request header. */
  readonly language: string;
  /** MQVersion ordinal of the request header. */
  readonly version: number;
  /** Wall clock of the last heartbeat. */
  lastUpdate: number;
}

/** As connection lists show it. */
export function toClientConnection(channel: ClientChannel): ClientConnection {
  const { connection, clientId, language, version } = channel;
  return { clientAddr: connection.remoteAddr, clientId, language, version };
}
