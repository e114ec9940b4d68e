import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { err, ok, type Result } from '../../../engine/base/result.ts';
import type { Write } from '../../../engine/base/write.ts';
import { CommitQueue } from '../../../engine/storage/commit-queue.ts';
import { MemoryStore } from '../../../engine/storage/memory-store.ts';
import type { Store, StoreFailure } from '../../../engine/storage/store.ts';

const SUM_BYTES = 8;
const HEAD_BYTES = 4 + SUM_BYTES;

const sumOf = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest().subarray(0, SUM_BYTES);

/**
 * Records in one file that only grows: each commit is a length, a check sum and its writes, on the disk (fsync) before it
 * is answered. A commit that a power cut left unfinished is cut off when the file is opened again. For tests.
 */
export class FileStore implements Store {
  readonly #memory: MemoryStore;
  readonly #file: FileHandle;
  readonly #queue = new CommitQueue();
  #length: number;
  #closed = false;

  private constructor(memory: MemoryStore, file: FileHandle, length: number) {
    this.#memory = memory;
    this.#file = file;
    this.#length = length;
  }

  static async open(path: string): Promise<FileStore> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    const bytes = await file.readFile();
    const memory = new MemoryStore();
    let at = 0;
    for (let end = endOf(bytes, at); end !== null; end = endOf(bytes, at)) {
      await memory.commit(deserialize(bytes.subarray(at + HEAD_BYTES, end)) as Write[]);
      at = end;
    }
    await file.truncate(at);
    return new FileStore(memory, file, at);
  }

  readonly get: Store['get'] = (table, key) => this.#memory.get(table, key);
  readonly load: Store['load'] = (table) => this.#memory.load(table);
  readonly scan: Store['scan'] = (table, range) => this.#memory.scan(table, range);

  readonly commit: Store['commit'] = (writes) => {
    if (this.#closed) return Promise.resolve(err({ code: 'closed', detail: 'file store' }));
    // What is written is what is given now: the caller may go on with its arrays.
    const body = serialize(
      writes.map((write) => (write.op === 'put' ? { ...write, value: write.value.slice() } : write)),
    );
    return this.#queue.run(() => this.#append(body));
  };

  readonly close: Store['close'] = async () => {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.idle();
    await this.#memory.close();
    await this.#file.close();
  };

  async #append(body: Buffer): Promise<Result<void, StoreFailure>> {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    try {
      await this.#file.appendFile(Buffer.concat([head, sumOf(body), body]));
      await this.#file.datasync();
    } catch (error) {
      // Half a commit at the end would hide the ones behind it.
      await this.#file.truncate(this.#length).catch(() => {});
      return err({ code: 'unavailable', detail: error instanceof Error ? error.message : 'append' });
    }
    this.#length += HEAD_BYTES + body.length;
    await this.#memory.commit(deserialize(body) as Write[]);
    return ok(undefined);
  }
}

/** Where the commit at `at` ends; null when it is not whole. */
function endOf(bytes: Buffer, at: number): number | null {
  if (at + HEAD_BYTES > bytes.length) return null;
  const end = at + HEAD_BYTES + bytes.readUInt32LE(at);
  if (end > bytes.length) return null;
  const sum = bytes.subarray(at + 4, at + HEAD_BYTES);
  return sum.equals(sumOf(bytes.subarray(at + HEAD_BYTES, end))) ? end : null;
}
