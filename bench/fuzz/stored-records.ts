import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fromHex } from '../../engine/base/bytes.ts';
import { VERSION_1 } from '../../engine/channel/snapshot/fixtures/version-1.ts';
import { VERSION_1_ON_CHAIN } from '../../engine/channel/snapshot/fixtures/version-1-on-chain.ts';
import { decode, encode, type Field } from '../../engine/codec/field.ts';
import type { Shape } from '../../engine/codec/shape.ts';
import { valuesOf } from '../../engine/testkit/arbitraries/field.ts';
import payments from '../../engine/payment/fixtures/stored-v1.json' with { type: 'json' };
import { CLEAR_DISK } from './clear-disk.ts';
import { Disagreement, type Target } from './target.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const isField = (value: unknown): value is Field<unknown> =>
  typeof value === 'object' && value !== null && 'shape' in value && 'read' in value && 'write' in value;

/** Every versioned record that a file of the engine or its worker exports, by the name it has there. */
async function storedRecords(): Promise<ReadonlyMap<string, Field<unknown>>> {
  const found = new Map<string, Field<unknown>>();
  for (const folder of ['engine', 'workers'])
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (!file.endsWith('.ts') || /\.test\.ts$|testkit|platform/.test(file)) continue;
      const path = join(ROOT, folder, file);
      // What does not start with one is a choice between records, or a record and what it stands for.
      if (!/^export const \w+Record(: [^=]+)? = (?:record|union|mapped)\(/m.test(readFileSync(path, 'utf8')))
        continue;
      const exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
      for (const [name, value] of Object.entries(exported))
        if (name.endsWith('Record') && isField(value)) found.set(name.replace(/Record$/, ''), value);
    }
  return found;
}

const REAL: readonly Uint8Array[] = [
  ...CLEAR_DISK.map(({ value }) => value),
  ...Object.values({ ...VERSION_1, ...VERSION_1_ON_CHAIN }).flatMap((rows) =>
    rows.map(([, , hex]) => fromHex(hex)),
  ),
  ...Object.values(payments).flatMap((records) => records.map(fromHex)),
];

/** The first version, and bytes that are most often a valid something. */
const PLAIN = [0, 1, 2, 0x20].map((byte) => Uint8Array.from([1, ...new Uint8Array(400).fill(byte)]));

const sample = (shape: Shape, numRuns: number): readonly unknown[] =>
  fc.sample(valuesOf({ shape } as Field<unknown>), { numRuns, seed: 1 });

/** Whether chance finds values: a transaction, which is kept as bytes, it never finds. */
function isWithinChance(shape: Shape): boolean {
  switch (shape.kind) {
    case 'list':
    case 'option':
      return isWithinChance(shape.of);
    case 'map':
      return isWithinChance(shape.key) && isWithinChance(shape.value);
    case 'struct':
      return Object.values({ ...shape.required, ...shape.optional }).every(isWithinChance);
    case 'union':
      return Object.values(shape.cases).every(isWithinChance);
    case 'mapped':
      return isWithinChance(shape.of) && sample(shape.of, 20).some((raw) => shape.map(raw) !== null);
    default:
      return true;
  }
}

/** Records of real wallets that are of this kind, and made-up ones. */
function corpusOf(field: Field<unknown>): readonly Uint8Array[] {
  const real = REAL.filter((value) => decode(field, value).ok);
  const made = isWithinChance(field.shape) ? sample(field.shape, 6).map((value) => encode(field, value)) : [];
  return [...PLAIN, ...real.slice(0, 8), ...made];
}

/** As they stand on disk, behind their seal: whatever is there is read or refused. */
export const recordTarget = (name: string, field: Field<unknown>): Target => ({
  name: `record-${name}`,
  weight: 1,
  corpus: corpusOf(field),
  read: (input) => {
    const decoded = decode(field, input);
    if (!decoded.ok) return null;
    if (!decode(field, encode(field, decoded.value)).ok)
      throw new Disagreement('what was read is not read back');
    return decoded.value;
  },
});

export const recordTargets = async (): Promise<readonly Target[]> =>
  [...(await storedRecords())].map(([name, field]) => recordTarget(name, field));
