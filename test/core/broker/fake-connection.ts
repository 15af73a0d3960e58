/** A client's connection as the managers see it: remembers what was sent to it. */
import type { PeerConnection } from '../../../src/core/broker/client-channel.ts';
import type { RemotingCommand } from '../../../src/core/remoting/remoting-command.ts';

export class FakeConnection implements PeerConnection {
  readonly remoteAddr: string;
  waitingBytes = 0;
  readonly sent: RemotingCommand[] = [];
  closedBecause: string | undefined;
  readonly #onClose: (connection: FakeConnection) => void;

  constructor(port: number, onClose: (connection: FakeConnection) => void = () => {}) {
    this.remoteAddr = `127.0.0.1:${port}`;
    this.#onClose = onClose;
  }

  oneway(command: RemotingCommand): void {
    this.sent.push(command);
  }

  invoke(): Promise<RemotingCommand> {
    return Promise.reject(new Error('nothing is asked in these tests'));
  }

  close(reason: string): void {
    if (this.closedBecause !== undefined) return;
    this.closedBecause = reason;
    this.#onClose(this);
  }
}
