import { decodeBolt11 } from '../../../engine/invoice/bolt11-decode.ts';
import { encodeBolt11 } from '../../../engine/invoice/bolt11-encode.ts';
import type { Bolt11Content } from '../../../engine/invoice/bolt11.ts';
import { signRecoverable } from '../../../engine/crypto/secp256k1.ts';
import { KeyTree } from '../../../engine/wallet/key-tree.ts';
import { checkWords, seedOf } from '../../../engine/wallet/words.ts';
import { WORDS } from '../../world/leyden/leyden.ts';
import { valueOf } from './values.ts';

/**
 * An invoice that a node of ours (by its place among `WORDS`) never made: as `invoice`, with `change`, signed with its
 * key. What a payer does with it is what a payer does who cheats.
 */
export async function forged(invoice: string, change: Partial<Bolt11Content>, place = 0): Promise<string> {
  const words = valueOf(checkWords((WORDS[place] ?? '').split(' ')));
  const key = new KeyTree(await seedOf(words), 'regtest').nodeKey();
  const content = { ...valueOf(decodeBolt11(invoice, 'regtest')), ...change };
  return valueOf(encodeBolt11(content, (hash) => signRecoverable(hash, key.expose())));
}
