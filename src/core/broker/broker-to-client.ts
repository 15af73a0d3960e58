/**
 * Requests a broker passes on to the clients that are connected to it. Mirrors Broker2Client and AdminBrokerProcessor.callConsumer.
 */

import { PocketError } from '../common/errors.ts';
import { versionName, versionOf } from '../protocol/mq-version.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import type { Reply } from '../remoting/processor-table.ts';
import type { RemotingCommand } from '../remoting/remoting-command.ts';
import { ReplyError } from '../remoting/reply-error.ts';
import type { BrokerContext } from './broker-context.ts';
import type { ClientChannel } from './client-channel.ts';

/** How long a client may take, ms; less than the 15 s that mqadmin waits. */
const CLIENT_TIMEOUT_MS = 10_000;
const RUNNING_SINCE = versionOf('V3_1_8_SNAPSHOT') ?? 0;
const RESET_SINCE = versionOf('V3_0_7_SNAPSHOT') ?? 0;

export interface ConsumerAddress {
  readonly group: string;
  readonly clientId: string;
}

/** The member's connection. Throws ReplyError when it is not online or too old to be asked. */
export function findConsumer(context: BrokerContext, { group, clientId }: ConsumerAddress): ClientChannel {
  const channels = context.consumers.group(group)?.channels() ?? [];
  const channel = channels.find((one) => one.clientId === clientId);
  if (channel === undefined) throw refusal(`The Consumer <${group}> <${clientId}> not online`);
  if (channel.version >= RUNNING_SINCE) return channel;
  const version = `Version <${versionName(channel.version)}> too low to finish, please upgrade it to V3_1_8_SNAPSHOT`;
  throw refusal(`The Consumer <${clientId}> ${version}`);
}

/** Sends a request on to one member and hands its answer back as it is: code, remark, fields and body. */
export async function callConsumer(
  context: BrokerContext,
  consumer: ConsumerAddress,
  request: RemotingCommand,
): Promise<Reply> {
  const { connection } = findConsumer(context, consumer);
  try {
    const answer = await connection.invoke(request, CLIENT_TIMEOUT_MS);
    const { code, remark, extFields, body } = answer;
    return { code, remark, extFields, body };
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
    const { group, clientId } = consumer;
    if (error.code === 'TIMEOUT') {
      const text = `consumer <${group}> <${clientId}> Timeout: ${error.message}`;
      throw new ReplyError(ResponseCode.CONSUME_MSG_TIMEOUT, text);
    }
    throw refusal(`invoke consumer <${group}> <${clientId}> Exception: ${error.message}`);
  }
}

/** Has a producer take something. Resolves to why it did not, as senders are told; undefined when it did. Never rejects. */
export async function callProducer(
  { producers, logger }: BrokerContext,
  clientId: string,
  request: RemotingCommand,
): Promise<string | undefined> {
  const channel = producers.findChannel(clientId);
  if (channel === undefined) {
    const text = `push reply message fail, channel of <${clientId}> not found.`;
    logger.warn(text);
    return text;
  }
  let why: string;
  try {
    const { code, remark } = await channel.connection.invoke(request, CLIENT_TIMEOUT_MS);
    if (code === ResponseCode.SUCCESS) return undefined;
    why = `code ${code}, ${remark}`;
  } catch (error) {
    why = String(error);
  }
  logger.warn(`the push of a reply to ${clientId} failed: ${why}`);
  return `push reply message to ${clientId}fail.`;
}

/** Throws ReplyError for a client of a version that does not know requests about its offsets. */
export function checkKnowsOffsets({ version }: ClientChannel): void {
  if (version < RESET_SINCE) {
    throw refusal(`the client does not support this feature. version=${versionName(version)}`);
  }
}

function refusal(text: string): ReplyError {
  return new ReplyError(ResponseCode.SYSTEM_ERROR, text);
}
