import pocketmq = require('pocketmq');

/** The same types from a CommonJS file. */
export async function topics(namesrvAddr: string): Promise<string[]> {
  const admin = new pocketmq.Admin({ namesrvAddr });
  try {
    return await admin.topicList();
  } catch (error) {
    if (error instanceof pocketmq.PocketError && error.code === 'CONNECT') return [];
    throw error;
  } finally {
    await admin.stop();
  }
}
