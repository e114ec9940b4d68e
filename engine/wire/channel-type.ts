import { FEATURES } from './feature-table.ts';
import { bitsOf, withBits } from './features.ts';

/** BOLT 2 §Defined Channel Types. `base` names the commitment format. */
export type ChannelType = {
  readonly base: 'static_remotekey' | 'anchors';
  readonly scidAlias: boolean;
  readonly zeroConf: boolean;
};

const STATIC_REMOTEKEY = FEATURES.option_static_remotekey.bit;
const ANCHORS = FEATURES.option_anchors.bit;
const SCID_ALIAS = FEATURES.option_scid_alias.bit;
const ZEROCONF = FEATURES.option_zeroconf.bit;

export const encodeChannelType = (type: ChannelType): Uint8Array =>
  withBits([
    STATIC_REMOTEKEY,
    ...(type.base === 'anchors' ? [ANCHORS] : []),
    ...(type.scidAlias ? [SCID_ALIAS] : []),
    ...(type.zeroConf ? [ZEROCONF] : []),
  ]);

/** Null for any combination that is not defined: such a channel cannot be opened. */
export function parseChannelType(features: Uint8Array): ChannelType | null {
  const bits = new Set(bitsOf(features));
  const has = (bit: number): boolean => bits.delete(bit);
  if (!has(STATIC_REMOTEKEY)) return null;
  const type = {
    base: has(ANCHORS) ? ('anchors' as const) : ('static_remotekey' as const),
    scidAlias: has(SCID_ALIAS),
    zeroConf: has(ZEROCONF),
  };
  return bits.size === 0 ? type : null;
}

export const sameChannelType = (a: ChannelType, b: ChannelType): boolean =>
  a.base === b.base && a.scidAlias === b.scidAlias && a.zeroConf === b.zeroConf;
