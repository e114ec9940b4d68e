import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export type StoreChange = {
  readonly put: ReadonlyMap<string, Uint8Array>;
  readonly remove: ReadonlySet<string>;
};

/** Where a peer keeps its state. */
export type LdkStore = {
  readonly get: (key: string) => Uint8Array | null;
  /** Keys with this beginning, sorted. */
  readonly keys: (prefix: string) => string[];
  /** Takes effect as a whole or not at all, whenever the process dies. */
  readonly commit: (change: StoreChange) => void;
};

export function memoryStore(): LdkStore {
  const entries = new Map<string, Uint8Array>();
  return {
    get: (key) => entries.get(key) ?? null,
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)).sort(),
    commit: ({ put, remove }) => {
      for (const [key, bytes] of put) entries.set(key, bytes);
      for (const key of remove) entries.delete(key);
    },
  };
}

const JOURNAL = 'journal';
const UNFINISHED = '.new';

type JournalHead = {
  readonly put: readonly (readonly [string, number])[];
  readonly remove: readonly string[];
};

/** A file per key. A change is written to a journal first, so that a crash leaves all of it or nothing. */
export function folderStore(folder: string): LdkStore {
  mkdirSync(folder, { recursive: true });

  const write = (key: string, bytes: Uint8Array): void => {
    const file = join(folder, key);
    const descriptor = openSync(file + UNFINISHED, 'w');
    writeSync(descriptor, bytes);
    closeSync(descriptor);
    renameSync(file + UNFINISHED, file);
  };
  const get = (key: string): Uint8Array | null => {
    try {
      return new Uint8Array(readFileSync(join(folder, key)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
  const apply = (journal: Uint8Array): void => {
    const bytes = Buffer.from(journal);
    let at = 4 + bytes.readUInt32LE(0);
    const head = JSON.parse(bytes.subarray(4, at).toString()) as JournalHead;
    for (const [key, length] of head.put) {
      write(key, bytes.subarray(at, at + length));
      at += length;
    }
    for (const key of head.remove) rmSync(join(folder, key), { force: true });
    rmSync(join(folder, JOURNAL), { force: true });
  };

  // The process died between the journal and the files.
  const left = get(JOURNAL);
  if (left !== null) apply(left);

  return {
    get,
    keys: (prefix) =>
      readdirSync(folder)
        .filter((key) => key.startsWith(prefix) && !key.endsWith(UNFINISHED))
        .sort(),
    commit: ({ put, remove }) => {
      const head: JournalHead = {
        put: [...put].map(([key, bytes]) => [key, bytes.length] as const),
        remove: [...remove],
      };
      const text = Buffer.from(JSON.stringify(head));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      const journal = Buffer.concat([length, text, ...put.values()]);
      write(JOURNAL, journal);
      apply(journal);
    },
  };
}
