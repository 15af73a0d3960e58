/** Commands about brokers and name servers. */
import { maskColumns, maskLines, sortRows } from './mask.ts';
import { bothFail, CLUSTER, failed, type ParityCase, TOPIC, untilUnknownCluster } from './parity-case.ts';
import {
  BROKER_CONFIG_MASK,
  BROKER_STATUS_MASK,
  CLUSTER_LIST_MASK,
  GROWN_STATUS_MASK,
  NAMESRV_CONFIG_MASK,
  TODAY_MASK,
  withoutOneSided,
  withoutUnmeasured,
} from './parity-masks.ts';

const brokerStatus = (stdout: string, first: boolean): string =>
  maskLines(withoutUnmeasured(stdout), first ? BROKER_STATUS_MASK : [...BROKER_STATUS_MASK, ...GROWN_STATUS_MASK]);

/** In hash order; the last line is empty. */
const brokerConfig = (stdout: string): string => sortRows(withoutOneSided(maskLines(stdout, BROKER_CONFIG_MASK)), 1);

export const BROKER_CASES: readonly ParityCase[] = [
  { name: 'clusterList', args: () => ['clusterList'], compare: (stdout) => maskColumns(stdout, CLUSTER_LIST_MASK) },
  {
    name: 'clusterList -m',
    args: () => ['clusterList', '-m'],
    compare: (stdout, first) => (first ? stdout : maskColumns(stdout, TODAY_MASK)),
  },
  {
    name: 'brokerStatus -b',
    args: ({ brokerAddr }) => ['brokerStatus', '-b', brokerAddr],
    compare: brokerStatus,
  },
  {
    name: 'brokerStatus -c',
    args: () => ['brokerStatus', '-c', CLUSTER],
    compare: brokerStatus,
  },
  {
    name: 'updateBrokerConfig -b',
    args: ({ brokerAddr }) => [
      'updateBrokerConfig',
      '-b',
      brokerAddr,
      '-k',
      'flushConsumerOffsetInterval',
      '-v',
      '4000',
    ],
  },
  {
    name: 'updateBrokerConfig -c',
    args: () => ['updateBrokerConfig', '-c', CLUSTER, '-k', 'shortPollingTimeMills', '-v', '900'],
  },
  {
    name: 'updateBrokerConfig of a key that is not there',
    args: ({ brokerAddr }) => ['updateBrokerConfig', '-b', brokerAddr, '-k', 'noSuchKey', '-v', '1'],
  },
  {
    name: 'updateBrokerConfig on an unknown cluster',
    args: () => ['updateBrokerConfig', '-c', 'NoCluster', '-k', 'shortPollingTimeMills', '-v', '900'],
    deliberate: untilUnknownCluster,
    code: 4,
    stderr: { ours: failed('UpdateBrokerConfigSubCommand') },
  },
  {
    name: 'getBrokerConfig -b',
    args: ({ brokerAddr }) => ['getBrokerConfig', '-b', brokerAddr],
    compare: brokerConfig,
  },
  {
    name: 'getBrokerConfig -c',
    args: () => ['getBrokerConfig', '-c', CLUSTER],
    compare: brokerConfig,
  },
  {
    name: 'getBrokerConfig of a broker that is down',
    args: () => ['getBrokerConfig', '-b', '127.0.0.1:1'],
    code: 3,
    stderr: bothFail('GetBrokerConfigCommand'),
  },
];

export const NAMESRV_CASES: readonly ParityCase[] = [
  {
    name: 'updateNamesrvConfig',
    args: () => ['updateNamesrvConfig', '-k', 'productEnvName', '-v', 'parity'],
  },
  {
    name: 'updateNamesrvConfig of a key that is not there',
    args: () => ['updateNamesrvConfig', '-k', 'noSuchKey', '-v', '1'],
  },
  {
    name: 'updateNamesrvConfig of a protected key',
    args: () => ['updateNamesrvConfig', '-k', 'configStorePath', '-v', '/nowhere'],
    code: 5,
    stderr: bothFail('UpdateNamesrvConfigCommand'),
  },
  {
    name: 'getNamesrvConfig',
    args: () => ['getNamesrvConfig'],
    compare: (stdout) => sortRows(withoutOneSided(maskLines(stdout, NAMESRV_CONFIG_MASK)), 1),
  },
  { name: 'updateKvConfig', args: () => ['updateKvConfig', '-s', 'PARITY', '-k', 'one', '-v', 'a b'] },
  { name: 'deleteKvConfig', args: () => ['deleteKvConfig', '-s', 'PARITY', '-k', 'one'] },
  { name: 'deleteKvConfig of an absent key', args: () => ['deleteKvConfig', '-s', 'PARITY', '-k', 'one'] },
  { name: 'wipeWritePerm', args: () => ['wipeWritePerm', '-b', 'broker-a'] },
  { name: 'wipeWritePerm again', args: () => ['wipeWritePerm', '-b', 'broker-a'] },
  { name: 'topicRoute after wipeWritePerm', args: () => ['topicRoute', '-t', TOPIC] },
  { name: 'addWritePerm', args: () => ['addWritePerm', '-b', 'broker-a'] },
  { name: 'topicRoute after addWritePerm', args: () => ['topicRoute', '-t', TOPIC] },
  {
    name: 'wipeWritePerm of an unknown broker',
    args: () => ['wipeWritePerm', '-b', 'broker-z'],
    code: 4,
    stderr: { ours: failed('WipeWritePermSubCommand') },
  },
  {
    name: 'addWritePerm of an unknown broker',
    args: () => ['addWritePerm', '-b', 'broker-z'],
    code: 4,
    stderr: { ours: failed('AddWritePermSubCommand') },
  },
];
