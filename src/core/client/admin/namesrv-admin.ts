/**
 * What is kept on every namesrv and changed on each of them: the KV configuration and the write permission of a broker
 * name. Mirrors the methods of MQClientAPIImpl behind updateKvConfig, deleteKvConfig, wipeWritePerm and addWritePerm.
 */

import { addWritePermOfBroker } from '../../protocol/requests/add-write-perm-of-broker.ts';
import { deleteKvConfig } from '../../protocol/requests/delete-kv-config.ts';
import { putKvConfig } from '../../protocol/requests/put-kv-config.ts';
import { wipeWritePermOfBroker } from '../../protocol/requests/wipe-write-perm-of-broker.ts';
import type { Admin } from './admin.ts';
import { type AddressResult, eachNamesrv } from './per-address.ts';

/** Stores a value under a key of a namespace on every namesrv. */
export function putKv(admin: Admin, namespace: string, key: string, value: string): Promise<AddressResult<void>[]> {
  return eachNamesrv(admin, async (addr) => void (await admin.askBroker(addr, putKvConfig, { namespace, key, value })));
}

/** Removes a key of a namespace from every namesrv; one that is not there is no failure. */
export function removeKv(admin: Admin, namespace: string, key: string): Promise<AddressResult<void>[]> {
  return eachNamesrv(admin, async (addr) => void (await admin.askBroker(addr, deleteKvConfig, { namespace, key })));
}

/** Takes the write permission from all topics of a broker name. The values are the numbers of its topics. */
export function wipeWritePerm(admin: Admin, brokerName: string): Promise<AddressResult<number>[]> {
  return eachNamesrv(
    admin,
    async (addr) => (await admin.askBroker(addr, wipeWritePermOfBroker, { brokerName })).header.wipeTopicCount,
  );
}

/** Gives the write permission back to all topics of a broker name. The values are the numbers of its topics. */
export function addWritePerm(admin: Admin, brokerName: string): Promise<AddressResult<number>[]> {
  return eachNamesrv(
    admin,
    async (addr) => (await admin.askBroker(addr, addWritePermOfBroker, { brokerName })).header.addTopicCount,
  );
}
