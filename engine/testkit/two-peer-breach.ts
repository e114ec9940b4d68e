import { assert } from '../base/assert.ts';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import type { ChannelMessage } from '../channel/message.ts';
import type { Severity } from '../channel/violation.ts';
import type { Side } from './two-peer-side.ts';
import type { TwoPeers } from './two-peer.ts';

type Named<N extends ChannelMessage['name']> = Extract<ChannelMessage, { readonly name: N }>;

/** From now on every message of this name is changed on its way (null: lost). */
export function change<N extends ChannelMessage['name']>(
  peers: TwoPeers,
  name: N,
  to: (message: Named<N>, from: Side) => ChannelMessage | null,
): void {
  peers.tap = (message, from) => (message.name === name ? to(message as Named<N>, from) : message);
}

/** The rules that `side` saw broken, with what it did. */
export const breachesOf = (side: Side): readonly { readonly severity: Severity; readonly rule: string }[] =>
  side.notices.flatMap((notice) => (notice.tag === 'violation' ? [notice.violation] : []));

/** The one rule that was broken. */
export function theBreach(side: Side): { readonly severity: Severity; readonly rule: string } {
  const [first, ...others] = breachesOf(side);
  assert(first !== undefined && others.length === 0, `${side.name} saw ${others.length + 1} or no breaches`);
  return first;
}

/** The last message of this name that crossed the link. */
export function lastSaid<N extends ChannelMessage['name']>(peers: TwoPeers, name: N, from?: Side): Named<N> {
  const found = peers.said.findLast(
    ({ message, from: who }) => message.name === name && (from === undefined || who === from),
  );
  assert(found !== undefined, `nobody said ${name}`);
  return found.message as Named<N>;
}

export const countSaid = (peers: TwoPeers, name: ChannelMessage['name'], from?: Side): number =>
  peers.said.filter(({ message, from: who }) => message.name === name && (from === undefined || who === from))
    .length;

/** The same without one property, as when a TLV record is missing. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const copy: Partial<T> = { ...value };
  delete copy[key];
  return copy as Omit<T, K>;
}

/** n - s: the other of the two signatures that the curve allows. */
export function highS(signature: Uint8Array): Uint8Array {
  const n = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;
  const s = BigInt(`0x${toHex(signature.subarray(32))}`);
  return concatBytes(signature.subarray(0, 32), fromHex((n - s).toString(16).padStart(64, '0')));
}
