import { put, remove, type Write } from '../../base/write.ts';
import { bytes } from '../../codec/bytes.ts';
import { decode, encode } from '../../codec/field.ts';
import { varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { parseHeader, type BlockHeader } from '../../bitcoin/header.ts';
import { headerBytes } from './header-bytes.ts';
import { HeaderChain } from './header-chain.ts';

/** One held header, in table `chain` under `header/<height>`. */
const headerRecord = record(1, { height: varInt, header: bytes(80) });

const keyOf = (height: number): string => `header/${String(height).padStart(8, '0')}`;

/** What turns `before` on disk into `after`. */
export function headerWrites(before: HeaderChain | null, after: HeaderChain): readonly Write[] {
  const writes: Write[] = [];
  for (const [height] of before?.entries() ?? [])
    if (after.at(height) === undefined) writes.push(remove('chain', keyOf(height)));
  for (const [height, header] of after.entries())
    if (before?.at(height)?.hash !== header.hash)
      writes.push(put('chain', keyOf(height), encode(headerRecord, { height, header: headerBytes(header) })));
  return writes;
}

/**
 * The chain as it was written; entries of other kinds are passed over. Headers are a cache: what cannot be read, or
 * does not link to the newest, is left out and asked for again. Null when nothing is left.
 */
export function loadHeaders(entries: Iterable<readonly [string, Uint8Array]>): HeaderChain | null {
  const byHeight = new Map<number, BlockHeader>();
  let top = 0;
  for (const [key, value] of entries) {
    if (!key.startsWith('header/')) continue;
    const read = decode(headerRecord, value);
    const header = read.ok ? parseHeader(read.value.header) : null;
    if (!read.ok || header === null) continue;
    byHeight.set(read.value.height, header);
    top = Math.max(top, read.value.height);
  }
  const linked: BlockHeader[] = [];
  for (let height = top; ; height--) {
    const header = byHeight.get(height);
    if (header === undefined || (linked[0] !== undefined && linked[0].previous !== header.hash)) break;
    linked.unshift(header);
  }
  return linked.length === 0 ? null : new HeaderChain(top - linked.length + 1, linked);
}
