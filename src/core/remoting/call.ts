/**
 * One typed call: header in, header out, by the request's schema. Everything above remoting that asks a namesrv or a
 * broker something goes through here.
 */

import { PocketError } from '../common/errors.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import { decodeHeader, type Fields, type HeaderOf, type RequestSchema } from '../protocol/schema.ts';
import type { RemotingClient } from './remoting-client.ts';
import { createRequest, type RemotingCommand } from './remoting-command.ts';

export interface CallOptions {
  timeoutMs: number;
  body?: Buffer | undefined;
}

export interface Answer<S extends Fields> {
  header: HeaderOf<S>;
  body: Buffer | undefined;
  /** The whole answer: version, remark and fields beside the header. */
  command: RemotingCommand;
}

/**
 * Sends a request and reads the answer's header. Rejects with PocketError CONNECT, TIMEOUT or PROTOCOL, and with
 * RESPONSE (responseCode, the remark as detail) when the peer answers anything but success.
 */
export async function call<Q extends Fields, S extends Fields>(
  client: RemotingClient,
  addr: string,
  schema: RequestSchema<Q, S>,
  header: HeaderOf<Q>,
  options: CallOptions,
): Promise<Answer<S>> {
  const command = await client.invoke(addr, createRequest(schema, header, options.body), options.timeoutMs);
  if (command.code !== ResponseCode.SUCCESS) throw responseError(command, addr);
  return { header: decodeHeader(schema.response, command.extFields), body: command.body, command };
}

/** What an answer with a code other than success becomes. */
export function responseError(command: RemotingCommand, addr: string): PocketError {
  const remark = command.remark ?? '';
  return new PocketError('RESPONSE', `CODE: ${command.code}  DESC: ${remark} BROKER: ${addr}`, {
    responseCode: command.code,
    detail: remark,
  });
}
