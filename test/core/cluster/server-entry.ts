/** Stands for bin/run.cjs in the tests of daemon.ts: `namesrv DATA_DIR PORT`, `silent`, `stubborn DATA_DIR`, `broken`,
 * `refusing`, `wordless`. */
import { registerProcess } from '../../../src/core/cluster/cluster-ini.ts';
import { runNamesrv } from '../../../src/core/cluster/server-process.ts';
import { tellStartFailure } from '../../../src/core/cluster/start-failure.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';

const [, mode = '', dataDir = '', port = '0'] = process.argv.slice(2);

if (mode === 'serve') {
  const server = await runNamesrv({ dataDir, port: Number(port), logger: silentLogger });
  process.stdout.write(`${server.bootLine}\n`);
  process.once('SIGTERM', () => void server.stop());
} else if (mode === 'refusing') {
  process.stderr.write('something else\n');
  tellStartFailure(process.env, { sentence: 'the port may not be used.', exitCode: 5 });
  process.exitCode = 5;
} else if (mode === 'wordless') {
  process.exitCode = 1;
} else if (mode === 'broken') {
  process.stderr.write('a first line\nthe last word\n');
  process.exitCode = 1;
} else {
  setInterval(() => undefined, 1000);
  if (mode === 'stubborn') {
    process.on('SIGTERM', () => undefined);
    await registerProcess(dataDir, { role: 'broker', pid: process.pid, addr: '127.0.0.1:1', startedAt: Date.now() });
  }
}
