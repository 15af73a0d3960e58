/**
 * Options that the server commands share, and where a server's address comes from.
 */

import { Flags } from '@oclif/core';
import { ValueFault } from './faults.ts';
import { type GlobalFlags, OWN, parseWholeNumber } from './flags.ts';

export const serverFlags = {
  port: Flags.custom<number>({
    parse: async (text) => {
      const port = parseWholeNumber(text, '--port');
      if (port < 0 || port > 65535)
        throw new ValueFault(`--port is a number from 0 (any free port) to 65535, not ${text}.`);
      return port;
    },
  })({ helpGroup: OWN, description: 'port to listen on, instead of listenPort of the file; 0 takes any free one' }),
  bind: Flags.string({
    helpGroup: OWN,
    description: 'address to listen on, 0.0.0.0 for all; mqadmin: this machine only, launchers: all',
  }),
  daemon: Flags.boolean({ char: 'd', helpGroup: OWN, description: 'run in the background; done once it is ready' }),
  'ready-file': Flags.string({
    helpGroup: OWN,
    description: 'file that holds the addresses as JSON from when the server is ready until it stops',
  }),
};

export const brokerFlags = {
  name: Flags.string({ helpGroup: OWN, description: 'brokerName, instead of the one of the file' }),
  force: Flags.boolean({
    helpGroup: OWN,
    description: 'register with a name server of other machines although clients are told a loopback address',
  }),
};

/** What the server commands read of their options. */
export interface ServerFlags extends GlobalFlags {
  readonly configFile: string | undefined;
  readonly printConfigItem: boolean;
  readonly port: number | undefined;
  readonly bind: string | undefined;
  readonly daemon: boolean;
  readonly 'ready-file': string | undefined;
}

export interface BrokerFlags extends ServerFlags {
  readonly printImportantConfig: boolean;
  readonly name: string | undefined;
  readonly force: boolean;
}
