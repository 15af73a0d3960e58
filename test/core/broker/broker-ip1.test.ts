/**
 * brokerIP1 as a name: clients and namesrvs are told the name, records hold its address.
 */
import { expect, it } from 'vitest';
import { formatConfigLines } from '../../../src/core/common/java-properties.ts';
import { updateBrokerConfig } from '../../../src/core/protocol/requests/update-broker-config.ts';
import { startRecordingNamesrv } from './recording-namesrv.ts';
import { connectTo, startBroker } from './test-broker.ts';

const LOOPBACK_HEX = /^7F000001/;
/** No label of a name may be as long, so nobody is asked. */
const NO_NAME = 'a'.repeat(64);

it('a name is told as it is, and stored as its address', async () => {
  const namesrv = await startRecordingNamesrv();
  const broker = await startBroker({ config: { namesrvAddr: namesrv.addr, brokerIP1: 'localhost' } });
  expect(broker.addr).toBe(`localhost:${broker.port}`);
  expect(namesrv.last()?.brokerAddr).toBe(broker.addr);
  expect((await connectTo(broker.addr).send()).extFields?.msgId).toMatch(LOOPBACK_HEX);
});

it('a change to a name acts at once', async () => {
  const broker = await startBroker({ config: { brokerIP1: '127.0.0.2' } });
  const client = connectTo(`127.0.0.1:${broker.port}`);
  const set = (brokerIP1: string) => client.ask(updateBrokerConfig, {}, Buffer.from(formatConfigLines({ brokerIP1 })));
  expect((await client.send()).extFields?.msgId).toMatch(/^7F000002/);
  expect(await set('localhost')).toMatchObject({ code: 0 });
  expect(broker.addr).toBe(`localhost:${broker.port}`);
  expect((await client.send()).extFields?.msgId).toMatch(LOOPBACK_HEX);
  expect(await set('127.0.0.1')).toMatchObject({ code: 0 });
});

it('a name without an address ends the start', async () => {
  await expect(startBroker({ config: { brokerIP1: NO_NAME } })).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining(`the name ${NO_NAME} has no address: `),
  });
});
