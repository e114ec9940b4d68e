import { concatBytes } from '../base/bytes.ts';
import { nodeId, type NodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { toHex } from '../base/bytes.ts';
import { blockHeight, feeratePerKw, timestamp } from '../base/units.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { p2wpkh } from '../bitcoin/script.ts';
import type { Feerates } from '../bitcoin/watch.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../channel/default-config.ts';
import type { ChannelConfig, Env } from '../channel/env.ts';
import { channelSecrets } from '../commitment/channel-keys.ts';
import { memorySigner } from '../commitment/memory-signer.ts';
import { sha256 } from '../crypto/hash.ts';
import { publicKey, signEcdsa } from '../crypto/secp256k1.ts';
import { Secret } from '../crypto/secret.ts';
import { featuresFor, type FeatureSettings } from '../wire/features.ts';

/** What Leyden offers, and both channel types. */
export const TEST_FEATURES: FeatureSettings = {
  option_data_loss_protect: 'required',
  option_upfront_shutdown_script: 'optional',
  var_onion_optin: 'required',
  option_static_remotekey: 'required',
  payment_secret: 'required',
  basic_mpp: 'optional',
  option_anchors: 'optional',
  option_shutdown_anysegwit: 'optional',
  option_channel_type: 'optional',
  option_scid_alias: 'optional',
};

export const CALM: Feerates = {
  urgent: feeratePerKw(2_000),
  normal: feeratePerKw(1_000),
  background: feeratePerKw(500),
  minimum: feeratePerKw(253),
};

/** Everything about one side that a scenario may choose. */
export type Character = {
  readonly name: string;
  readonly features?: FeatureSettings;
  readonly config?: Partial<ChannelConfig>;
  readonly trustsUnconfirmed?: boolean;
};

/** A secret of the named side, the same on every run. */
export const seeded = (name: string, purpose: string): Uint8Array => sha256(encodeUtf8(`${name} ${purpose}`));

export const nodeIdOf = (name: string): NodeId => nodeId(toHex(publicKey(seeded(name, 'node'))));
export const walletScript = (name: string): Uint8Array => p2wpkh(publicKey(seeded(name, 'wallet')));

/** The environment of `self` in its channel with `peer`. Random bytes are counted out from the name. */
export function testEnv(self: Character, peer: string): Env {
  const keyId = seeded(self.name, `channel with ${peer}`);
  const payment = new Secret(seeded(self.name, `payment ${peer}`));
  let drawn = 0;
  return {
    config: { ...DEFAULT_CHANNEL_CONFIG, ...self.config },
    network: NETWORKS.regtest,
    nodeId: nodeIdOf(self.name),
    peerId: nodeIdOf(peer),
    features: featuresFor('I', self.features ?? TEST_FEATURES),
    height: blockHeight(100),
    feerates: CALM,
    now: timestamp(1_700_000_000),
    random: (length) => {
      const parts: Uint8Array[] = [];
      for (let made = 0; made < length; made += 32) parts.push(seeded(self.name, `random ${drawn++}`));
      return concatBytes(...parts).slice(0, length);
    },
    keyId,
    signer: memorySigner(channelSecrets(new Secret(keyId), payment)),
    signAsNode: (hash) => signEcdsa(hash, seeded(self.name, 'node')),
    isTaken: () => false,
    closingScript: walletScript(self.name),
    trustsUnconfirmed: self.trustsUnconfirmed ?? false,
    fundingSeen: false,
    takesUnseen: () => false,
    mayBeStale: false,
    moreToCome: false,
  };
}
