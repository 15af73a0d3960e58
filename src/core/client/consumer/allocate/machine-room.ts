/**
 * Division by machine rooms. MACHINE_ROOM_NEARBY: queues go to the members of their own room, those of a room without
 * members to all. MACHINE_ROOM: only queues of named rooms, which brokers named `room@broker` tell. Mirrors
 * AllocateMachineRoomNearby and AllocateMessageQueueByMachineRoom.
 */

import { PocketError } from '../../../common/errors.ts';
import { compareJavaStrings } from '../../../common/java-string.ts';
import type { MessageQueue } from '../../../message/message-queue.ts';
import type { AllocateMessageQueueStrategy } from './strategy.ts';

/** Tells the machine room of a queue's broker and of a group's member. An empty name is an error of the division. */
export interface MachineRoomResolver {
  /** The room of the queue's broker. */
  brokerDeployIn(mq: MessageQueue): string;
  /** The room of the member with this client id. */
  consumerDeployIn(clientId: string): string;
}

/** MACHINE_ROOM_NEARBY: `strategy` divides within each room. */
export function allocateMachineRoomNearby(
  strategy: AllocateMessageQueueStrategy,
  resolver: MachineRoomResolver,
): AllocateMessageQueueStrategy {
  return {
    name: `MACHINE_ROOM_NEARBY-${strategy.name}`,
    allocate(group, currentCID, mqAll, cidAll) {
      const queuesOf = byRoom(mqAll, (mq) => resolver.brokerDeployIn(mq));
      const clientsOf = byRoom(cidAll, (clientId) => resolver.consumerDeployIn(clientId));
      const ownRoom = resolver.consumerDeployIn(currentCID);
      const own = queuesOf.get(ownRoom) ?? [];
      const share = own.length === 0 ? [] : strategy.allocate(group, currentCID, own, clientsOf.get(ownRoom) ?? []);
      const deserted = [...queuesOf].filter(([room]) => room !== ownRoom && !clientsOf.has(room));
      deserted.sort(([a], [b]) => compareJavaStrings(a, b));
      return [...share, ...deserted.flatMap(([, queues]) => strategy.allocate(group, currentCID, queues, cidAll))];
    },
  };
}

/** MACHINE_ROOM: of the rooms `consumeridcs` only, evenly. */
export function allocateByMachineRoom(consumeridcs: readonly string[]): AllocateMessageQueueStrategy {
  const rooms = new Set(consumeridcs);
  return {
    name: 'MACHINE_ROOM',
    allocate(_group, currentCID, mqAll, cidAll) {
      const queues = mqAll.filter(({ brokerName }) => isIn(rooms, brokerName));
      const index = cidAll.indexOf(currentCID);
      const size = Math.floor(queues.length / cidAll.length);
      const rest = queues.slice(size * cidAll.length);
      return [...queues.slice(index * size, (index + 1) * size), ...rest.slice(index, index + 1)];
    },
  };
}

/** `room@broker`, with one `@` and something behind it. */
function isIn(rooms: ReadonlySet<string>, brokerName: string): boolean {
  const [room = '', name = '', more] = brokerName.split('@');
  return name !== '' && more === undefined && rooms.has(room);
}

function byRoom<T>(all: readonly T[], roomOf: (one: T) => string): Map<string, T[]> {
  const rooms = new Map<string, T[]>();
  for (const one of all) {
    const room = roomOf(one);
    if (!room) throw new PocketError('ILLEGAL_ARGUMENT', `no machine room is known of ${JSON.stringify(one)}`);
    const known = rooms.get(room);
    if (known === undefined) rooms.set(room, [one]);
    else known.push(one);
  }
  return rooms;
}
