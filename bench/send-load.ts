/**
 * SEND_MESSAGE_V2 frames as the Java client 4.9.7 writes them, made by patching one template.
 *
 * What differs from frame to frame in a real client's stream differs here too: queue, born time, unique id and
 * opaque. The opaque has seven digits, as in a client that has run for a while, so all frames are of one length.
 */
import { type Load, refuse } from './load.ts';

const FIRST_OPAQUE = 1_000_000;
const LAST_OPAQUE = 9_999_999;
/** Where an answer's `{"code":0,` shows success without parsing the header. */
const SUCCESS = Buffer.from('{"code":0,');

export class SendLoad implements Load {
  readonly mode = 'send';
  private readonly template: Buffer;
  private readonly queues: number;
  private readonly queueAt: number;
  private readonly bornAt: number;
  private readonly idAt: number;
  private readonly opaqueAt: number;
  private opaque = FIRST_OPAQUE;

  constructor(topic: string, bodySize: number, queues: number) {
    if (queues > 10) throw new Error('at most 10 queues: the queue number is patched as one digit');
    const id = `7F0000010000${'0'.repeat(20)}`;
    const header =
      `{"code":310,"extFields":{"a":"bench_generator","b":"${topic}","c":"TBW102","d":"4","e":"0","f":"0",` +
      `"g":"${Date.now()}","h":"0","i":"UNIQ_KEY\\u0001${id}\\u0002WAIT\\u0001true","j":"0","k":"false","m":"false",` +
      `"n":"broker-a"},"flag":0,"language":"JAVA","opaque":${FIRST_OPAQUE},"serializeTypeCurrentRPC":"JSON",` +
      '"version":407}';
    const frame = Buffer.alloc(8 + header.length + bodySize, 'x');
    frame.writeInt32BE(4 + header.length + bodySize, 0);
    frame.writeInt32BE(header.length, 4);
    frame.write(header, 8, 'latin1');
    this.template = frame;
    this.queues = queues;
    this.queueAt = 8 + header.indexOf('"e":"') + 5;
    this.bornAt = 8 + header.indexOf('"g":"') + 5;
    this.idAt = 8 + header.indexOf(id) + id.length - 7;
    this.opaqueAt = 8 + header.indexOf('"opaque":') + 9;
  }

  next(count: number): Buffer {
    const { template } = this;
    template.write(String(Date.now()), this.bornAt, 'latin1');
    const frames = Buffer.allocUnsafe(count * template.length);
    for (let i = 0, at = 0; i < count; i += 1, at += template.length) {
      template.copy(frames, at);
      frames[at + this.queueAt] = 48 + (this.opaque % this.queues);
      digits(frames, at + this.idAt, this.opaque);
      digits(frames, at + this.opaqueAt, this.opaque);
      this.opaque = this.opaque === LAST_OPAQUE ? FIRST_OPAQUE : this.opaque + 1;
    }
    return frames;
  }

  answered(frame: Buffer): number {
    if (frame.compare(SUCCESS, 0, SUCCESS.length, 8, 8 + SUCCESS.length) === 0) return 1;
    // Another order of the header's members is as good, only slower to read.
    const headerLength = frame.readUIntBE(5, 3);
    const header = JSON.parse(frame.toString('utf8', 8, 8 + headerLength)) as { code?: number };
    return header.code === 0 ? 1 : refuse(frame);
  }
}

/** Seven decimal digits. */
function digits(target: Buffer, at: number, value: number): void {
  let rest = value;
  for (let i = at + 6; i >= at; i -= 1) {
    target[i] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
