import type { PolicyColumns } from '../graph.ts';

export const copyPolicies = (from: PolicyColumns): PolicyColumns => ({
  flags: from.flags.slice(),
  cltvDelta: from.cltvDelta.slice(),
  feeBase: from.feeBase.slice(),
  feeProportionalMillionths: from.feeProportionalMillionths.slice(),
  htlcMinimum: from.htlcMinimum.slice(),
  htlcMaximum: from.htlcMaximum.slice(),
  updatedAt: from.updatedAt.slice(),
});

export function copyPolicy(from: PolicyColumns, at: number, to: PolicyColumns, edge: number): void {
  to.flags[edge] = from.flags[at] ?? 0;
  to.cltvDelta[edge] = from.cltvDelta[at] ?? 0;
  to.feeBase[edge] = from.feeBase[at] ?? 0;
  to.feeProportionalMillionths[edge] = from.feeProportionalMillionths[at] ?? 0;
  to.htlcMinimum[edge] = from.htlcMinimum[at] ?? 0;
  to.htlcMaximum[edge] = from.htlcMaximum[at] ?? 0;
  to.updatedAt[edge] = from.updatedAt[at] ?? 0;
}
