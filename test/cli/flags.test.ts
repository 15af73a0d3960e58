import { describe, expect, it } from 'vitest';
import type { CommandClass } from '../../src/cli/base-command.ts';
import { ValueFault } from '../../src/cli/faults.ts';
import { flagValues, javaBoolean, optionsOf, ownFlags, wholeNumber } from '../../src/cli/flags.ts';
import { commandClasses } from '../commands/command-classes.ts';
import { commandFacts } from './fixtures/recorded.ts';

const mqadminCommands = Object.entries(commandClasses).filter(([, command]) => command.listPosition !== undefined);

/** Options of a command as the facts have them, by short name. */
function declared(command: CommandClass, own: boolean): object[] {
  return optionsOf(command.flags ?? {}, command.baseFlags)
    .filter((option) => option.own === own)
    .map(({ short, long, takesValue: arg, required }) => ({ short, long, arg, required }))
    .sort((a, b) => ((a.short ?? a.long) < (b.short ?? b.long) ? -1 : 1));
}

const optionsOfFacts = (name: string) => commandFacts[name]?.options ?? [];

/** Options of PocketMQ that one command has. */
const ownOptions: Readonly<Record<string, string[]>> = {
  startMonitoring: ['rules', 'once', 'log-file'],
  updateTopic: ['wait-route', 'wait-timeout'],
  sendMessage: ['property', 'delay', 'sharding-key', 'producer-group', 'transaction'],
  queryMsgById: ['out-dir'],
  queryMsgByUniqueKey: ['out-dir'],
  queryMsgByOffset: ['out-dir'],
  queryMsgTraceById: ['timeline', 'topic'],
};

describe('declared options', () => {
  it('are there for every command of mqadmin we have', () => {
    expect(mqadminCommands.map(([name]) => name).sort()).toEqual([
      'addWritePerm',
      'allocateMQ',
      'brokerConsumeStats',
      'brokerStatus',
      'cleanExpiredCQ',
      'cleanUnusedTopic',
      'cloneGroupOffset',
      'clusterList',
      'consumeMessage',
      'consumerConnection',
      'consumerProgress',
      'consumerStatus',
      'deleteExpiredCommitLog',
      'deleteKvConfig',
      'deleteSubGroup',
      'deleteTopic',
      'getBrokerConfig',
      'getConsumerConfig',
      'getNamesrvConfig',
      'printMsg',
      'printMsgByQueue',
      'producer',
      'producerConnection',
      'queryCq',
      'queryMsgById',
      'queryMsgByKey',
      'queryMsgByOffset',
      'queryMsgByUniqueKey',
      'queryMsgTraceById',
      'resetOffsetByTime',
      'sendMessage',
      'skipAccumulatedMessage',
      'startMonitoring',
      'statsAll',
      'topicClusterList',
      'topicList',
      'topicRoute',
      'topicStatus',
      'updateBrokerConfig',
      'updateKvConfig',
      'updateNamesrvConfig',
      'updateOrderConf',
      'updateSubGroup',
      'updateTopic',
      'updateTopicPerm',
      'wipeWritePerm',
    ]);
  });

  it.each(mqadminCommands)("of %s are mqadmin's", (name, command) => {
    const facts = commandFacts[name];
    const wanted = [...(facts?.options ?? [])].sort((a, b) => (a.short < b.short ? -1 : 1));
    expect(declared(command, false)).toEqual(wanted);
    expect(command.listPosition).toBe(facts?.listPosition);
    const longOf = (word: string): string | undefined => wanted.find(({ short }) => `-${short}` === word)?.long;
    expect(command.optionGroups).toEqual((facts?.groups ?? []).map((group) => group.map(longOf)));
  });

  it.each(mqadminCommands)('of %s that PocketMQ adds', (name, command) => {
    const short = optionsOfFacts(name).some((option) => option.short === 'o') ? undefined : 'o';
    const more = ownOptions[name] ?? [];
    const own = declared(command, true) as { long: string; short?: string }[];
    const everywhere = ['color', 'data-dir', 'debug', 'no-color', 'output', 'start'];
    expect(own.map(({ long }) => long).sort()).toEqual([...everywhere, ...more].sort());
    expect(own.find(({ long }) => long === 'output')?.short).toBe(short);
  });
});

describe('values', () => {
  const flags = { ...ownFlags, number: wholeNumber({ char: 'r' }), order: javaBoolean({ char: 'o' }) };
  const read = (given: Record<string, string>): Promise<Record<string, unknown>> =>
    flagValues(flags, { values: new Map(Object.entries(given)), all: new Map() });

  it('are typed, with defaults for what was not given', async () => {
    expect(await read({})).toMatchObject({ output: 'text', debug: false, number: undefined, order: undefined });
    expect(await read({ output: 'json', debug: '', number: '+8', order: 'TRUE' })).toMatchObject({
      output: 'json',
      debug: true,
      number: 8,
      order: true,
    });
    expect(await read({ order: 'yes' })).toMatchObject({ order: false });
  });

  it('that cannot be used are named', async () => {
    await expect(read({ number: 'x' })).rejects.toThrow(new ValueFault('-r must be a whole number, not "x".'));
    await expect(read({ number: '1.5' })).rejects.toThrow('-r must be a whole number');
    await expect(read({ output: 'xml' })).rejects.toThrow('--output is one of text, json, yaml, not "xml".');
  });
});
