import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { cleanExpiredConsumequeue } from '../../../../src/core/protocol/requests/clean-expired-consumequeue.ts';
import { cleanUnusedTopic } from '../../../../src/core/protocol/requests/clean-unused-topic.ts';
import { getMaxOffset } from '../../../../src/core/protocol/requests/get-max-offset.ts';
import { connectTo, startBroker, temporaryDir } from '../test-broker.ts';

it('CLEAN_EXPIRED_CONSUMEQUEUE leaves queues that have messages', async () => {
  const client = connectTo((await startBroker()).addr);
  await client.send();
  expect((await client.ask(cleanExpiredConsumequeue, {})).code).toBe(0);
  const answer = await client.ask(getMaxOffset, { topic: 'TopicTest', queueId: 0 });
  expect(answer.extFields?.offset).toBe('1');
});

it('CLEAN_UNUSED_TOPIC deletes the queues of topics that topics.json does not name, and no others', async () => {
  const storeDir = temporaryDir();
  const first = await startBroker({ storeDir });
  await connectTo(first.addr).send();
  await connectTo(first.addr).send({ topic: 'Used' });
  await first.stop();
  // As if somebody had edited topics.json.
  const path = join(storeDir, 'config', 'topics.json');
  const topics = JSON.parse(readFileSync(path, 'utf8'));
  delete topics.topicConfigTable.TopicTest;
  writeFileSync(path, JSON.stringify(topics));
  rmSync(`${path}.bak`, { force: true });
  const client = connectTo((await startBroker({ storeDir })).addr);
  const queue = (topic: string): string => join(storeDir, 'consumequeue', topic);
  await vi.waitFor(() => expect([existsSync(queue('TopicTest')), existsSync(queue('Used'))]).toEqual([true, true]), {
    timeout: 10_000,
  });
  expect((await client.ask(cleanUnusedTopic, {})).code).toBe(0);
  expect([existsSync(queue('TopicTest')), existsSync(queue('Used'))]).toEqual([false, true]);
});
