import { byteTargets } from './byte-targets.ts';
import { diskTargets } from './disk-targets.ts';
import { linkTargets } from './link-targets.ts';
import { lspTargets } from './lsp-targets.ts';
import { peerTargets } from './peer-targets.ts';
import { sealedTargets } from './sealed-targets.ts';
import { snapshotTargets } from './snapshot-targets.ts';
import { recordTargets } from './stored-records.ts';
import type { Target } from './target.ts';
import { textTargets } from './text-targets.ts';
import { walletTargets } from './wallet-targets.ts';

/** Everything that reads what strangers, disks and people write. */
export const targets = async (): Promise<readonly Target[]> => [
  ...byteTargets,
  ...textTargets,
  ...snapshotTargets,
  ...peerTargets,
  ...lspTargets,
  ...linkTargets,
  ...walletTargets,
  ...diskTargets,
  ...sealedTargets,
  ...(await recordTargets()),
];

/** Of a run's inputs: how many are this target's, beside others. */
export const weightOf = ({ weight = 6 }: Target): number => weight;
