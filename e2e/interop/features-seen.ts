import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../install.mjs';
import type { ImplementationName } from './implementation.ts';

/** What a run leaves for the table, beside vitest's own report. */
export const RESULTS = join(ROOT, 'e2e', '.results');
const FILE = join(RESULTS, 'interop-features.json');

export type FeaturesSeen = Readonly<Partial<Record<ImplementationName | 'us', readonly number[]>>>;

export function featuresSeen(): FeaturesSeen {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as FeaturesSeen) : {};
}

export function recordFeatures(who: ImplementationName | 'us', bits: readonly number[]): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(FILE, JSON.stringify({ ...featuresSeen(), [who]: bits }));
}
