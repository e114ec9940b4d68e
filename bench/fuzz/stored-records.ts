import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { Field } from '../../engine/codec/field.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const isField = (value: unknown): value is Field<unknown> =>
  typeof value === 'object' && value !== null && 'shape' in value && 'read' in value && 'write' in value;

/** Every versioned record that a file of the engine or its worker exports, by the name it has there. */
export async function storedRecords(): Promise<ReadonlyMap<string, Field<unknown>>> {
  const found = new Map<string, Field<unknown>>();
  for (const folder of ['engine', 'workers'])
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (!file.endsWith('.ts') || /\.test\.ts$|testkit|platform/.test(file)) continue;
      const path = join(ROOT, folder, file);
      if (!/^export const \w+(: [^=]+)? = record\(/m.test(readFileSync(path, 'utf8'))) continue;
      const exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
      for (const [name, value] of Object.entries(exported))
        if (name.endsWith('Record') && isField(value)) found.set(name.replace(/Record$/, ''), value);
    }
  return found;
}
