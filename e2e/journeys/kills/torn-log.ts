import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file that the browser writes to first, of all databases of the one origin that has any. */
async function logIn(profile: string): Promise<string> {
  const folder = join(profile, 'Default/IndexedDB');
  const [origin = ''] = await readdir(folder);
  const names = await readdir(join(folder, origin));
  const [log] = names.filter((name) => name.endsWith('.log'));
  if (log === undefined) throw new Error(`no log among ${names.join(' ')}`);
  return join(folder, origin, log);
}

/**
 * What is left where the browser is killed in the middle of a write: a record's head says 4,096 bytes, and 50 of them
 * are there (LevelDB's log format: checksum 4, length 2, type 1). Nothing that it had promised is harmed.
 */
export async function leaveTornRecord(profile: string): Promise<void> {
  const head = Uint8Array.of(1, 2, 3, 4, 0x00, 0x10, 1);
  await appendFile(await logIn(profile), Uint8Array.of(...head, ...new Uint8Array(50).fill(7)));
}

/** A bit in the middle of what was promised is another one now. */
export async function flipInLog(profile: string): Promise<void> {
  const log = await logIn(profile);
  const bytes = await readFile(log);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(log, bytes);
}
