/**
 * The keys of NamesrvConfig (4.9.7), and two of our own: scanNotActiveBrokerInterval (5.x has the same key, default 5000
 * there, 10000 ms here as 4.9 scans) and brokerChannelExpiredTime (120000 ms, fixed in 4.9).
 */

import { boolean, long, nullable, string } from './config-key.ts';

const NOW = { acts: 'now' } as const;
const RESTART = { acts: 'restart' } as const;

export const namesrvConfigKeys = {
  rocketmqHome: nullable({}, (facts) => facts.rocketmqHome),
  kvConfigPath: string((facts) => `${facts.home}/namesrv/kvConfig.json`, RESTART),
  configStorePath: string((facts) => `${facts.home}/namesrv/namesrv.properties`, RESTART),
  productEnvName: string('center'),
  clusterTest: boolean(false),
  orderMessageEnable: boolean(false, NOW),
  scanNotActiveBrokerInterval: long(10_000, NOW),
  brokerChannelExpiredTime: long(120_000, NOW),
} as const;
