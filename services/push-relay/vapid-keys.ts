import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import webPush from 'web-push';
import type { VapidKeys } from './push.ts';

const FILE = 'vapid.json';

/**
 * Our keys, made at the first start. Browsers subscribe to one key: with others, nobody could be woken any more, so a
 * file that cannot be read is never replaced.
 * @throws {Error} when it cannot
 */
export async function vapidKeys(folder: string): Promise<VapidKeys> {
  const path = join(folder, FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) {
    const { publicKey, privateKey } = JSON.parse(text) as Partial<VapidKeys>;
    if (typeof publicKey !== 'string' || typeof privateKey !== 'string')
      throw new Error(`${path} holds no keys`);
    return { publicKey, privateKey };
  }
  const keys = webPush.generateVAPIDKeys();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, JSON.stringify(keys), { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  return keys;
}
