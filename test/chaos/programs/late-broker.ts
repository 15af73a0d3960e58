/**
 * A planted bug: a broker that says a message is on the disk before it has even been written. Its disk writes later; a
 * kill -9 takes with it what was not. Arguments as those of `mqadmin broker`: see our-cluster.ts.
 */
import { parseArgs } from 'node:util';
import { Broker } from '../../../src/core/broker/broker.ts';
import { brokerConfigOf } from '../../../src/core/cluster/server-config.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { type Disk, nodeDisk } from '../../../src/core/store/disk.ts';

const LATE_MS = 300;

/** Descriptors of commitlog files. */
const late = new Set<number>();

const lateDisk: Disk = {
  ...nodeDisk,
  open(path, flags) {
    const fd = nodeDisk.open(path, flags);
    if (path.includes('/commitlog/')) late.add(fd);
    return fd;
  },
  close(fd) {
    // What is still to be written would go to whatever gets the number next.
    if (late.delete(fd)) setTimeout(() => nodeDisk.close(fd), 2 * LATE_MS);
    else nodeDisk.close(fd);
  },
  write(fd, buffer, start, length, position) {
    if (!late.has(fd)) return nodeDisk.write(fd, buffer, start, length, position);
    const copy = Buffer.from(buffer.subarray(start, start + length));
    setTimeout(() => nodeDisk.write(fd, copy, 0, length, position), LATE_MS);
    return length;
  },
};

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    namesrvAddr: { type: 'string', short: 'n', default: '' },
    configFile: { type: 'string', short: 'c', default: '' },
  },
  allowPositionals: true,
});
const { 'data-dir': dataDir, port, namesrvAddr, configFile } = values;
const { config, host, extras, file } = brokerConfigOf({ dataDir, port: Number(port), namesrvAddr, configFile });
const broker = new Broker({
  ...{ config, host, extras, file, storeDir: config.storePathRootDir },
  ...{ clock: systemClock, logger: silentLogger, disk: lateDisk },
});
await broker.start();
process.stdout.write(
  `The broker[${config.brokerName}, ${broker.addr}] boot success. serializeType=JSON and name server is ${namesrvAddr}\n`,
);
process.once('SIGTERM', () => void broker.stop().then(() => process.exit(0)));
