/**
 * One sentence for whatever went wrong: what, and what to do next. The texts the original's users search for
 * (`connect to … failed`, `CODE: 17`, `wait response on the channel`) stay in it.
 */

import { errnoOf, PocketError } from '../core/common/errors.ts';
import { ResponseCode } from '../core/protocol/response-code.ts';

const START_ONE = "start a local cluster with 'mqadmin up'";

const adviceByErrorCode: Readonly<Partial<Record<PocketError['code'], string>>> = {
  CONNECT: `nothing answers there; check the address, or ${START_ONE}`,
  NO_NAMESRV: `give -n host:port, set NAMESRV_ADDR, or ${START_ONE}`,
};

const adviceByResponseCode = new Map<number, string>([
  [ResponseCode.TOPIC_NOT_EXIST, "'mqadmin topicList' shows the topics there are, 'mqadmin updateTopic' makes one"],
  [ResponseCode.NO_PERMISSION, 'the topic or the broker does not allow it, or the access key may not'],
]);

/** One line without a line end at its close. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return `${String(error)}.`;
  if (!(error instanceof PocketError)) return closed(systemSentence(error));
  const advice = adviceFor(error);
  const what = oneLine(factOf(error));
  return closed(advice === undefined ? what : `${what.replace(/\.$/, '')}: ${advice}`);
}

function adviceFor(error: PocketError): string | undefined {
  // Code 16 with this text is about the two keys of a name server that name its files.
  if (error.detail?.includes('Can not update config path') === true) return 'set it in the file and start it again';
  if (error.code === 'TIMEOUT' && error.message.startsWith('wait response on the channel')) {
    return 'the process there is busy or hangs; try again, or look into its log';
  }
  if (error.code === 'NOT_FOUND' && error.message.startsWith('the consumer group')) {
    return "'mqadmin consumerProgress' shows the groups there are";
  }
  const byResponse = error.responseCode === undefined ? undefined : adviceByResponseCode.get(error.responseCode);
  return byResponse ?? adviceByErrorCode[error.code];
}

function factOf(error: PocketError): string {
  if (error.responseCode === undefined || error.code === 'NOT_FOUND') return error.message;
  const remark = error.detail ?? error.message;
  return `CODE: ${error.responseCode}  DESC: ${remark}`;
}

function systemSentence(error: Error): string {
  const errno = errnoOf(error);
  if (errno === 'EACCES' || errno === 'EPERM')
    return `${oneLine(error.message)}: the file or port may not be used by this user`;
  if (errno === 'ENOSPC') return `${oneLine(error.message)}: the disk is full`;
  return oneLine(error.message);
}

const oneLine = (text: string): string => text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();

const closed = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** The stack of an error and of everything below it, for --debug. */
export function stackOf(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current !== undefined && parts.length < 8; ) {
    parts.push(current instanceof Error ? (current.stack ?? current.message) : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join('\nCaused by: ');
}
