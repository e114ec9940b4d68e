import type { OutPoint, Point } from '../../base/ids.ts';
import { blockHeight, type BlockHeight, type Sat } from '../../base/units.ts';
import type { Claim } from '../../commitment/claim.ts';
import { formatOf } from '../../commitment/formats.ts';
import type { FormatId } from '../../commitment/params.ts';
import { isWorthTaking } from '../../channel/claim-worth.ts';

/** Every format in which a channel of ours may have been. */
export const STRAY_FORMATS: readonly FormatId[] = ['anchors-zero-fee', 'static-remotekey'];

/**
 * An output that the commitment of a peer pays to one of our static payment keys, of a channel that this disk does not
 * know: found on the chain by nothing but the words.
 */
export type Stray = {
  readonly keyIndex: number;
  readonly format: FormatId;
  readonly outPoint: OutPoint;
  readonly amount: Sat;
  /** Of the block that has it. */
  readonly height: BlockHeight;
};

/** BOLT 3 §to_remote Output. `payment`: our payment basepoint, which is the key as it is. */
export const strayScript = (payment: Point, format: FormatId): Uint8Array =>
  formatOf(format).otherOutput({ otherPayment: payment }).script;

export function strayClaim({ format: id, outPoint, amount }: Omit<Stray, 'height'>, payment: Point): Claim {
  const format = formatOf(id);
  return {
    kind: 'remote-main',
    outPoint,
    amount,
    ...format.otherOutput({ otherPayment: payment }),
    version: format.version,
    sequence: format.otherOutputSequence,
    lockTime: 0,
    key: { tag: 'payment' },
    before: [],
    after: [],
  };
}

/** False for dust that anybody may have sent there. */
export const isWorthKeeping = (stray: Omit<Stray, 'height'>, payment: Point): boolean =>
  isWorthTaking(strayClaim(stray, payment));

/** The first block that can hold a spend of it: with anchors it waits for one block. */
export const spendableFrom = ({ format, height }: Stray): BlockHeight =>
  blockHeight(height + (formatOf(format).otherOutputSequence === 1 ? 1 : 0));
