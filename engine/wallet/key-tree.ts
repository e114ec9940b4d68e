import { HARDENED_OFFSET, HDKey } from '@scure/bip32';
import { assert } from '../base/assert.ts';
import { NETWORKS, type Network } from '../base/network.ts';
import { Secret } from '../crypto/secret.ts';
import { ACCOUNT_PURPOSE, BRANCH_NUMBER, type KeyOrigin, type ScriptKind } from './key-origin.ts';

/**
 * Leyden's own keys hang under a hardened purpose of their own, so that no other wallet's paths meet them:
 *
 *     m/19545'/coin'/0'      node id
 *     m/19545'/coin'/1'/i'   seed of channel i: all its basepoints and its shachain but one
 *     m/19545'/coin'/2'/i'   static payment key i: what a peer's force close pays us, found again from the words alone
 *     m/19545'/coin'/3'      secrets of payments: preimages and payment secrets come from it
 *     m/19545'/coin'/4'      encryption of backups
 *
 * All steps are hardened: one leaked key tells nothing of another.
 */
const OWN_PURPOSE = 19_545;
const NODE_KEY = 0;
const CHANNEL_SEED = 1;
const STATIC_PAYMENT = 2;
const PAYMENT_SECRETS = 3;
const BACKUP = 4;

/** A restore looks for force-close outputs at this many static payment keys. */
export const STATIC_PAYMENT_KEYS = 1_000;

/** All secrets of a wallet, derived when they are asked for. Public keys at hand do not need it: see `WalletState`. */
export class KeyTree {
  readonly #seed: Secret;
  readonly #coinType: number;
  readonly #nodes = new Map<string, HDKey>();

  /** `seed`: 16 to 64 bytes, as BIP 32 has it. Kept; wiped by `wipe`. */
  constructor(seed: Secret, network: Network) {
    this.#seed = seed;
    this.#coinType = NETWORKS[network].coinType;
  }

  nodeKey(): Secret {
    return this.#own(NODE_KEY);
  }

  channelSeed(index: number): Secret {
    return this.#own(CHANNEL_SEED, index);
  }

  /** `index` below `STATIC_PAYMENT_KEYS`; channels past that share keys, as a restore must find them all. */
  staticPaymentKey(index: number): Secret {
    return this.#own(STATIC_PAYMENT, index % STATIC_PAYMENT_KEYS);
  }

  paymentSecrets(): Secret {
    return this.#own(PAYMENT_SECRETS);
  }

  backupKey(): Secret {
    return this.#own(BACKUP);
  }

  /** Of the master key, as PSBTs and descriptors name it. */
  fingerprint(): number {
    return this.#node([]).fingerprint;
  }

  /** m/purpose'/coin'/0' as BIP 84 and BIP 86 have it, base58 with the prefix "xpub". */
  accountXpub(kind: ScriptKind): string {
    return this.#account(kind).publicExtendedKey;
  }

  addressKey({ kind, branch, index }: KeyOrigin): Secret {
    const key = this.#account(kind).deriveChild(BRANCH_NUMBER[branch]).deriveChild(index);
    return exposeOnce(key);
  }

  wipe(): void {
    for (const node of this.#nodes.values()) node.wipePrivateData();
    this.#nodes.clear();
    this.#seed.wipe();
  }

  #account(kind: ScriptKind): HDKey {
    return this.#node([ACCOUNT_PURPOSE[kind], this.#coinType, 0]);
  }

  #own(...path: readonly number[]): Secret {
    const parent = this.#node([OWN_PURPOSE, this.#coinType, ...path.slice(0, -1)]);
    return exposeOnce(parent.deriveChild(HARDENED_OFFSET + (path.at(-1) ?? 0)));
  }

  /** Hardened steps only; kept, because each step costs a millisecond. */
  #node(path: readonly number[]): HDKey {
    const name = path.join('/');
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const last = path.at(-1);
    const node =
      last === undefined
        ? HDKey.fromMasterSeed(this.#seed.expose())
        : this.#node(path.slice(0, -1)).deriveChild(HARDENED_OFFSET + last);
    this.#nodes.set(name, node);
    return node;
  }
}

function exposeOnce(node: HDKey): Secret {
  assert(node.privateKey !== null, 'a private node');
  const secret = new Secret(node.privateKey);
  node.wipePrivateData();
  return secret;
}
