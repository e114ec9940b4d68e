import { expectTypeOf, test } from 'vitest';
import type { ChannelId, Point } from '../base/ids.ts';
import type { Msat } from '../base/units.ts';
import { bytes, point, restBytes } from './bytes.ts';
import { enumOf, option } from './choices.ts';
import type { Infer } from './field.ts';
import { channelId } from './ids.ts';
import { u32 } from './integers.ts';
import { message } from './message.ts';
import { record } from './record.ts';
import { list } from './sequences.ts';
import { struct } from './struct.ts';
import { tlv, tlvs } from './tlv.ts';
import { union, variant } from './union.ts';
import { msatU64 } from './units.ts';

test('the types that declarations infer', () => {
  const add = message(
    128,
    'update_add_htlc',
    { channelId, amount: msatU64, expiry: u32, onion: bytes(1366) },
    tlvs({ blindedPath: tlv(0, point) }),
    { family: 'update', backup: false },
  );
  expectTypeOf<Infer<typeof add>>().toEqualTypeOf<{
    readonly name: 'update_add_htlc';
    readonly channelId: ChannelId;
    readonly amount: Msat;
    readonly expiry: number;
    readonly onion: Uint8Array;
    readonly blindedPath?: Point;
  }>();
  expectTypeOf(add.meta.family).toEqualTypeOf<'update'>();

  const phase = union('phase', {
    open: variant(0, struct({ amounts: list(msatU64) })),
    shut: variant(1, record(1, { script: option(restBytes), side: enumOf(['local', 'remote']) })),
  });
  expectTypeOf<Infer<typeof phase>>().toEqualTypeOf<
    | { readonly phase: 'open'; readonly amounts: readonly Msat[] }
    | { readonly phase: 'shut'; readonly script: Uint8Array | null; readonly side: 'local' | 'remote' }
  >();

  const settings = record(2, { id: channelId }, tlvs({ note: tlv(1, restBytes) }));
  expectTypeOf<Infer<typeof settings>>().toEqualTypeOf<{
    readonly id: ChannelId;
    readonly note?: Uint8Array;
  }>();
});
