import type { Refusal } from '../../engine/node/refusal.ts';

/** What a person copies into a report: the code and its fields, one a line. */
export function refusalDetails(refusal: Refusal): string {
  return Object.entries(refusal)
    .map(([field, value]) => `${field}: ${String(value)}`)
    .join('\n');
}
