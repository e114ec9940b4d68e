import { anchorsZeroFee } from './anchors-zero-fee.ts';
import type { CommitmentFormat } from './format.ts';
import type { FormatId } from './params.ts';
import { staticRemotekey } from './static-remotekey.ts';

const FORMATS: Readonly<Record<FormatId, CommitmentFormat>> = {
  'static-remotekey': staticRemotekey,
  'anchors-zero-fee': anchorsZeroFee,
};

export const formatOf = (id: FormatId): CommitmentFormat => FORMATS[id];
