/**
 * Which configurations a broker can have: what its start refuses, a change at run time (UPDATE_BROKER_CONFIG) refuses in the
 * same words, so that nothing is saved that the next start would stumble over.
 */

import { type BrokerConfig, refuseUnkept } from '../common/config-schema.ts';
import { PocketError } from '../common/errors.ts';
import { checkedNamesrvAddr } from '../common/namesrv-addr-list.ts';
import { DelayLevels } from '../message/delay-level.ts';
import { encodeHostAddress } from '../message/host-address.ts';
import { isHostName } from '../remoting/resolve-host.ts';
import { brokerAddrOf } from './broker-outer-api.ts';

/** The VIP port is so far below the broker's port. */
export const VIP_PORT_DISTANCE = 2;

/** Throws PocketError CONFIG or ILLEGAL_ARGUMENT for a configuration no broker starts with. */
export function checkBrokerConfig(config: BrokerConfig): void {
  refuseUnkept(config);
  if (config.brokerName.trim() === '') throw new PocketError('CONFIG', 'brokerName is empty');
  if (config.storePathCommitLog?.includes(',') === true) {
    throw new PocketError(
      'CONFIG',
      `storePathCommitLog=${config.storePathCommitLog} names several directories, which this version of PocketMQ does not support; name one`,
    );
  }
  if (config.listenPort <= VIP_PORT_DISTANCE || config.listenPort >= 65_535) {
    throw new PocketError('ILLEGAL_ARGUMENT', `listenPort=${config.listenPort} is no port a broker can have`);
  }
  if (!isHostName(config.brokerIP1)) encodeHostAddress(brokerAddrOf(config));
  new DelayLevels(config.messageDelayLevel);
}

export interface ChangeCheck {
  /** With the change. */
  candidate: BrokerConfig;
  changed: ReadonlySet<string>;
  /** In use now. */
  running: BrokerConfig;
  /** The address that is listened on. */
  host: string;
}

/** Throws PocketError CONFIG or ILLEGAL_ARGUMENT for a change with which the broker, now or started again, would not work. */
export function checkBrokerConfigChange({ candidate, changed, running, host }: ChangeCheck): void {
  checkBrokerConfig(candidate);
  if (changed.has('namesrvAddr')) checkedNamesrvAddr(candidate.namesrvAddr);
  if (changed.has('brokerId') && candidate.brokerId !== 0) {
    throw new PocketError('CONFIG', `brokerId=${candidate.brokerId} is not possible: a master's id is 0`);
  }
  if (changed.has('brokerIP1') && isLoopback(host) && !isLoopback(candidate.brokerIP1)) {
    throw new PocketError(
      'CONFIG',
      `brokerIP1=${candidate.brokerIP1} cannot be reached while the broker listens on ${host}; start it again with it`,
    );
  }
  for (const key of SIZES) if (changed.has(key)) checkSize(key, candidate, running);
}

/** What the files of a store are made for. */
const SIZES = ['mappedFileSizeCommitLog', 'mappedFileSizeConsumeQueue', 'maxHashSlotNum', 'maxIndexNum'] as const;

/** The files there are have the size in use, and no store opens with files of another one. */
function checkSize(key: (typeof SIZES)[number], candidate: BrokerConfig, running: BrokerConfig): void {
  const size = candidate[key];
  if (size <= 0) throw new PocketError('CONFIG', `${key}=${size} is no size a file can have`);
  const samePlace =
    candidate.storePathRootDir === running.storePathRootDir &&
    (key !== 'mappedFileSizeCommitLog' || candidate.storePathCommitLog === running.storePathCommitLog);
  if (!samePlace || size === running[key]) return;
  const made = `the files of the store are made for ${running[key]}`;
  throw new PocketError('CONFIG', `${key}=${size} is not possible: ${made}; name another storePathRootDir first`);
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);
