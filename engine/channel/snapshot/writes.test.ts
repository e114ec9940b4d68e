import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { paymentHash } from '../../base/ids.ts';
import { blockHeight, msat } from '../../base/units.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';
import { ONION_LENGTH } from '../../wire/htlc-update.ts';
import type { LiveHtlc, Removal } from '../ledger.ts';
import type { Durable } from '../state.ts';
import { keysOf } from './keys.ts';
import { writesBetween } from './writes.ts';

const FULFILL: Removal = { tag: 'fulfill', preimage: new Uint8Array(32) };

const fate = fc.constantFrom('stays', 'stays', 'moves', 'is answered', 'is gone', 'is new');
const htlc = fc.record({ fate, isAnswered: fc.boolean(), isSigned: fc.boolean(), isDust: fc.boolean() });

// Whichever others stay as they are before, after and between: what is gone may yet be in a commitment that is published.
test('each HTLC is written as it comes, changes and goes, whatever becomes of the others', () => {
  const { durable } = TwoPeers.ready().alice;
  const keys = keysOf(durable.params.channelId);
  fc.assert(
    fc.property(
      fc.array(htlc, { maxLength: 10 }),
      fc.constantFrom<'outgoing' | 'incoming'>('outgoing', 'incoming'),
      (drawn, direction) => {
        const before = new Map<bigint, LiveHtlc>();
        const after = new Map<bigint, LiveHtlc>();
        const wanted: string[] = [];
        for (const [n, { fate, isAnswered, isSigned, isDust }] of drawn.entries()) {
          const id = BigInt(n);
          const was: LiveHtlc = {
            add: {
              direction,
              id,
              amount: msat(isDust ? 1_000 : 50_000_000),
              paymentHash: paymentHash('ab'.repeat(32)),
              cltvExpiry: blockHeight(500),
              onion: new Uint8Array(ONION_LENGTH),
            },
            step: isSigned ? 5 : 0,
            removal: isAnswered ? FULFILL : null,
          };
          if (fate !== 'is new') before.set(id, was);
          if (fate === 'stays' || fate === 'is new') after.set(id, was);
          if (fate === 'moves') after.set(id, { ...was, step: 6 });
          if (fate === 'is answered') after.set(id, { ...was, removal: { ...FULFILL } });
          const [add, removal] = [`htlc ${keys.htlc(was.add)}`, `htlc ${keys.removal(was.add)}`];
          if (fate === 'is new') wanted.push(`put ${add}`);
          if (fate === 'is answered' || (fate === 'is new' && isAnswered)) wanted.push(`put ${removal}`);
          if (fate === 'is gone') {
            wanted.push(`delete ${add}`);
            if (isAnswered) wanted.push(`delete ${removal}`);
            if (isSigned && !isDust) wanted.push(`put monitor ${keys.htlc(was.add)}`);
          }
        }
        const having = (htlcs: ReadonlyMap<bigint, LiveHtlc>): Durable => ({
          ...durable,
          ledger: { ...durable.ledger, [direction]: htlcs },
        });
        const written = writesBetween(having(before), having(after))
          .map(({ op, table, key }) => `${op} ${table} ${key}`)
          .filter((name) => name !== `put channel ${keys.head}`);
        expect(written.toSorted()).toEqual(wanted.toSorted());
      },
    ),
  );
});
