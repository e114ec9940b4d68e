import {
  encodeChannelType,
  parseChannelType,
  sameChannelType,
  type ChannelType,
} from '../../../wire/channel-type.ts';
import { negotiated } from '../../../wire/features.ts';
import type { Env } from '../../env.ts';
import type { Fault } from './terms.ts';

/** What we propose; null when the peer supports nothing that we want. */
export function preferredType(
  env: Env,
  remoteFeatures: Uint8Array,
  { announce, zeroConf }: { readonly announce: boolean; readonly zeroConf: boolean },
): ChannelType | null {
  const base = env.config.formats.find((format) => isNegotiated(format, env, remoteFeatures));
  if (base === undefined) return null;
  if (zeroConf && !negotiated(env.features, remoteFeatures, 'option_zeroconf')) return null;
  return {
    base,
    // BOLT 2 §open_channel: "if `announce_channel` is `true` (not `0`): MUST NOT send `channel_type` with the
    // `option_scid_alias` bit set."
    scidAlias: !announce && negotiated(env.features, remoteFeatures, 'option_scid_alias'),
    zeroConf,
  };
}

const isNegotiated = (base: ChannelType['base'], env: Env, remoteFeatures: Uint8Array): boolean =>
  base === 'static_remotekey' || negotiated(env.features, remoteFeatures, 'option_anchors');

/** The type that the peer proposes, when it suits us. */
export function proposedType(
  encoded: Uint8Array | undefined,
  announce: boolean,
  env: Env,
  remoteFeatures: Uint8Array,
): ChannelType | Fault {
  // BOLT 2 §open_channel: "The receiving node MUST: if the message doesn't include a `channel_type`: fail the channel."
  if (encoded === undefined)
    return {
      rule: 'BOLT 2 §open_channel: "if the message doesn\'t include a `channel_type`: fail the channel"',
      detail: 'no channel_type',
    };
  const type = parseChannelType(encoded);
  // BOLT 2 §open_channel: "MUST fail the channel if: the `channel_type` is not suitable."
  const unsuitable = (detail: string): Fault => ({
    rule: 'BOLT 2 §open_channel: "the `channel_type` is not suitable"',
    detail,
  });
  if (type === null) return unsuitable('channel_type is not defined');
  if (!env.config.formats.includes(type.base) || !isNegotiated(type.base, env, remoteFeatures))
    return unsuitable(`channel_type ${type.base} was not negotiated`);
  // Without anchors the peer, who sets the fee rate, sets what HTLCs lose to it: that is for who cannot do better.
  if (env.config.formats.find((format) => isNegotiated(format, env, remoteFeatures)) !== type.base)
    return unsuitable(`channel_type ${type.base} where option_anchors was negotiated`);
  if (type.scidAlias && !negotiated(env.features, remoteFeatures, 'option_scid_alias'))
    return unsuitable('option_scid_alias was not negotiated');
  if (type.scidAlias && announce) return unsuitable('option_scid_alias in a channel to be announced');
  // BOLT 2 §open_channel: "MUST fail the channel if: the `channel_type` includes `option_zeroconf` and it does not
  // trust the sender to open an unconfirmed channel."
  if (type.zeroConf && !env.trustsUnconfirmed) return unsuitable('a channel without confirmations');
  if (type.zeroConf && !negotiated(env.features, remoteFeatures, 'option_zeroconf'))
    return unsuitable('option_zeroconf was not negotiated');
  return type;
}

/** BOLT 2 §accept_channel. */
export function acceptedTypeFault(encoded: Uint8Array | undefined, proposed: ChannelType): Fault | null {
  // BOLT 2 §accept_channel: "if the message doesn't include a `channel_type`: MUST fail the channel."
  if (encoded === undefined)
    return {
      rule: 'BOLT 2 §accept_channel: "if the message doesn\'t include a `channel_type`: MUST fail the channel"',
      detail: 'no channel_type',
    };
  const type = parseChannelType(encoded);
  // BOLT 2 §accept_channel: "if `channel_type` does not match the `channel_type` from `open_channel`: MUST fail the
  // channel."
  if (type === null || !sameChannelType(type, proposed))
    return {
      rule: 'BOLT 2 §accept_channel: "if `channel_type` does not match the `channel_type` from `open_channel`: MUST fail the channel"',
      detail: 'another channel_type than we proposed',
    };
  return null;
}

// BOLT 2 §open_channel: "MUST use the smallest bitmap possible to represent the channel type."
export { encodeChannelType };
