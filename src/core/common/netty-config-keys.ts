/**
 * The keys of NettyServerConfig and NettyClientConfig (4.9.7) in Java's order. The two classes share
 * writeBufferHighWaterMark and writeBufferLowWaterMark. The default of listenPort is the one NamesrvStartup and
 * BrokerStartup set, not the class's 8888.
 */

import { type Acts, boolean, type ConfigKey, int, long } from './config-key.ts';

const NOW = { acts: 'now' } as const;
const FIXED = { acts: 'fixed' } as const;

const serverKeysBehindPort = {
  serverWorkerThreads: int(8),
  serverCallbackExecutorThreads: int(0),
  serverSelectorThreads: int(3),
  serverOnewaySemaphoreValue: int(256),
  serverAsyncSemaphoreValue: int(64),
  serverChannelMaxIdleTimeSeconds: int(120, NOW),
  serverSocketSndBufSize: int(0),
  serverSocketRcvBufSize: int(0),
  writeBufferHighWaterMark: int(0),
  writeBufferLowWaterMark: int(0),
  serverSocketBacklog: int(1024),
  serverPooledByteBufAllocatorEnable: boolean(true),
  useEpollNativeSelector: boolean(false),
} as const;

export const nettyServerConfigKeys = (
  listenPort: number,
  acts: Acts,
): { readonly listenPort: ConfigKey<number> } & typeof serverKeysBehindPort => ({
  listenPort: int(listenPort, { acts }),
  ...serverKeysBehindPort,
});

export const nettyClientConfigKeys = {
  clientWorkerThreads: int(4),
  clientCallbackExecutorThreads: int((facts) => facts.cpus),
  clientOnewaySemaphoreValue: int(65_535),
  clientAsyncSemaphoreValue: int(65_535),
  connectTimeoutMillis: int(3000),
  channelNotActiveInterval: long(60_000),
  clientChannelMaxIdleTimeSeconds: int(120),
  clientSocketSndBufSize: int(0),
  clientSocketRcvBufSize: int(0),
  clientPooledByteBufAllocatorEnable: boolean(false),
  clientCloseSocketIfTimeout: boolean(true),
  useTLS: boolean(false, FIXED),
} as const;
