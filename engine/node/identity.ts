import { toHex } from '../base/bytes.ts';
import { nodeId, type NodeId } from '../base/ids.ts';
import { signEcdsa, signRecoverable } from '../crypto/secp256k1.ts';
import type { Secret } from '../crypto/secret.ts';
import type { SignInvoice } from '../invoice/bolt11-encode.ts';
import { identityOf, type NoiseIdentity } from '../noise/handshake.ts';
import type { KeyTree } from '../wallet/key-tree.ts';
import { ChannelSigners } from './channel-signers.ts';

/** Who we are on the network, and what signs for it. Made at start, once curve arithmetic is fast. */
export type Identity = {
  readonly nodeId: NodeId;
  readonly noise: NoiseIdentity;
  readonly signers: ChannelSigners;
  readonly signAsNode: (hash: Uint8Array) => Uint8Array;
  readonly signInvoice: SignInvoice;
  readonly secret: Secret;
};

export function openIdentity(keys: KeyTree): Identity {
  const secret = keys.nodeKey();
  const noise = identityOf(secret);
  return {
    nodeId: nodeId(toHex(noise.publicKey)),
    noise,
    signers: new ChannelSigners(keys),
    signAsNode: (hash) => signEcdsa(hash, secret.expose()),
    signInvoice: (hash) => signRecoverable(hash, secret.expose()),
    secret,
  };
}
