/**
 * Options that the server commands share, and where a server's address comes from.
 */

import { Flags } from '@oclif/core';
import { ValueFault } from './faults.ts';
import { parseWholeNumber } from './flags.ts';

export const serverFlags = {
  port: Flags.custom<number>({
    parse: async (text) => {
      const port = parseWholeNumber(text, '--port');
      if (port < 0 || port > 65535)
        throw new ValueFault(`--port is a number from 0 (any free port) to 65535, not ${text}.`);
      return port;
    },
  })({ description: 'port to listen on, instead of listenPort of the file; 0 takes any free one' }),
  bind: Flags.string({ description: 'address to listen on, 0.0.0.0 for all; default: this machine only' }),
};
