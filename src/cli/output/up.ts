/** What `mqadmin up` prints: a script for `eval`, whose comments are for people. */

export interface UpResult {
  readonly namesrvAddr: string;
  readonly namesrv: { readonly addr: string; readonly pid: number };
  readonly brokers: readonly { readonly name: string; readonly addr: string; readonly pid: number }[];
  readonly dataDir: string;
  readonly ephemeral: boolean;
  /** From the call to ready. */
  readonly millis: number;
}

/** `elsewhere`: the data directory was named on the line, so the line that stops the cluster names it, too. */
export function renderUp(result: UpResult, elsewhere: boolean): string {
  const rows = [{ name: 'name server', ...result.namesrv }, ...result.brokers];
  const width = Math.max(...rows.map(({ name }) => name.length));
  const down = elsewhere || result.ephemeral ? `mqadmin down --data-dir ${quoted(result.dataDir)}` : 'mqadmin down';
  const dataDir = result.ephemeral ? [`export POCKETMQ_DATA_DIR=${quoted(result.dataDir)}`] : [];
  const lines = [
    ...rows.map(({ name, addr, pid }) => `# ${name.padEnd(width)}  ${addr}  (process ${pid})`),
    `# ready in ${(result.millis / 1000).toFixed(1)} s; stop it with: ${down}`,
    `export NAMESRV_ADDR=${quoted(result.namesrvAddr)}`,
    ...dataDir,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** As a POSIX shell reads one word. */
export const quoted = (text: string): string =>
  /^[\w./:,@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
