import { expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import type { ChannelUpdate } from '../wire/gossip.ts';
import { announcementBy, announcer, scidAtPlace, updateBy } from '../testkit/signed-gossip.ts';
import { EarlyTerms } from './early-terms.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const [us, peer, other] = [announcer('us'), announcer('peer'), announcer('other')];
const scidOf = (index: number) => scidAtPlace(100, index, 0);
const signed = {
  [peer.id]: updateBy(chainHash, scidOf(0), peer, us, 1),
  [other.id]: updateBy(chainHash, scidOf(0), other, us, 1),
};
const said = (by: typeof peer, index: number, extension = new Uint8Array()): ChannelUpdate => ({
  ...signed[by.id]!,
  scid: scidOf(index),
  extension,
});

it('of one peer the newest few are kept, whatever names it makes up; what others said stays', () => {
  const terms = new EarlyTerms();
  terms.keep(other.id, said(other, 5_000));
  for (let index = 0; index < 1_000; index++) terms.keep(peer.id, said(peer, index));
  const kept = Array.from({ length: 1_000 }, (_, index) => index).filter(
    (index) => terms.take(announcementBy(chainHash, scidOf(index), peer, us)) !== null,
  );
  expect(kept).toEqual(Array.from({ length: 64 }, (_, i) => 936 + i));
  expect(terms.take(announcementBy(chainHash, scidOf(5_000), other, us))).not.toBeNull();
  // Given once.
  expect(terms.take(announcementBy(chainHash, scidOf(999), peer, us))).toBeNull();
});

it('the same name again takes no room, and is the newest', () => {
  const terms = new EarlyTerms();
  for (let index = 0; index < 64; index++) terms.keep(peer.id, said(peer, index));
  for (let again = 0; again < 3; again++) terms.keep(peer.id, said(peer, 0));
  terms.keep(peer.id, said(peer, 64));
  const has = (index: number): boolean =>
    terms.take(announcementBy(chainHash, scidOf(index), peer, us)) !== null;
  expect([0, 1, 2, 64].map(has)).toEqual([true, false, true, true]);
});

it('one that is far longer than any honest one is not kept', () => {
  const terms = new EarlyTerms();
  terms.keep(peer.id, said(peer, 1, new Uint8Array(60_000)));
  expect(terms.take(announcementBy(chainHash, scidOf(1), peer, us))).toBeNull();
});
