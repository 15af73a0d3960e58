/**
 * Random traces, encoded and decoded by RocketMQ's own class and by ours: the same bytes, the same keys, the same fields. A
 * failure names the seed.
 */
import { expect, it } from 'vitest';
import { consumeReturnTypes, type TraceContext, traceMessageTypes } from '../../src/core/client/trace/trace-context.ts';
import { decodeTraces, encodeTrace, traceKeys } from '../../src/core/client/trace/trace-data-encoder.ts';
import { runProgram } from './support/java-cluster.ts';
import { ensurePeer } from './support/peers.ts';
import { VERSIONS } from './support/scope.ts';

const COUNT = 500;
const seed = Date.now() | 0;

interface JavaBean {
  readonly [name: string]: string | number | boolean | null;
}
interface JavaContext {
  readonly traceType: TraceContext['traceType'];
  readonly contextCode: number;
  readonly beans: readonly JavaBean[];
  readonly [name: string]: unknown;
}

/** Java's context as we have it: what its type has no field for is not there. */
function contextOf(java: JavaContext): TraceContext {
  const { traceType, timeStamp, regionId, groupName, requestId, costTime, success, contextCode, beans } = java;
  const common = { traceType, timeStamp, groupName };
  const [{ topic, msgId, tags, keys, storeHost, ...bean } = {}] = beans;
  const msgType = traceMessageTypes[Number(bean.msgType)];
  const sent = { topic, msgId, tags, keys, storeHost, msgType };
  switch (traceType) {
    case 'Pub': {
      const { bodyLength, offsetMsgId } = bean;
      return { ...common, ...sent, regionId, bodyLength, costTime, offsetMsgId, success } as TraceContext;
    }
    case 'SubBefore': {
      const given = beans.map(({ msgId, retryTimes, keys }) => ({ msgId, retryTimes, keys }));
      return { ...common, regionId, requestId, beans: given } as TraceContext;
    }
    case 'SubAfter': {
      const given = beans.map(({ msgId, keys }) => ({ msgId, keys }));
      const code = consumeReturnTypes[contextCode];
      return { ...common, requestId, costTime, success, contextCode: code, beans: given } as TraceContext;
    }
    case 'EndTransaction': {
      const { transactionId, transactionState, fromTransactionCheck } = bean;
      return { ...common, ...sent, regionId, transactionId, transactionState, fromTransactionCheck } as TraceContext;
    }
  }
}

// 4.9.1 ends SubAfter earlier, and tells neither time nor group.
it.each(VERSIONS.filter((version) => version !== '4.9.1'))(
  'agrees with the encoder and the decoder of %s',
  async (version) => {
    const { stdout } = await runProgram(await ensurePeer(version), 'TraceCodec', [seed, COUNT]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(COUNT);
    for (const line of lines) {
      const [json = '', data = '', keys = '', decoded = ''] = line.split('\t');
      const context = contextOf(JSON.parse(json));
      const body = Buffer.from(data, 'base64').toString();
      expect({ seed, body: encodeTrace(context) }).toEqual({ seed, body });
      expect([...new Set(traceKeys(context))].sort()).toEqual(keys.split('\x01'));
      expect({ seed, decoded: decodeTraces(body) }).toEqual({
        seed,
        decoded: decoded.split('\x01').map((record) => contextOf(JSON.parse(record))),
      });
    }
  },
);
