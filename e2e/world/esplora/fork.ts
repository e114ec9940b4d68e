import { displayHash, headerBytes, scriptHashOf, sha256d } from './bytes.ts';
import { merkleRoot } from './merkle.ts';
import type { BlockRecord, TxRecord } from './records.ts';

const ANYONE_CAN_SPEND = '51';
const SUBSIDY_SAT = 50_0000_0000;

/** A coinbase in the old format: its bytes are what its id is made of. */
function coinbase(height: number): TxRecord {
  const heightPush = Buffer.alloc(5);
  heightPush[0] = 4;
  heightPush.writeUInt32LE(height, 1);
  // The tag keeps the id apart from bitcoind's own coinbase at this height.
  const scriptSig = Buffer.concat([heightPush, Buffer.from([4]), Buffer.from('fork')]);
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(BigInt(SUBSIDY_SAT));
  const bytes = Buffer.concat([
    Buffer.from(`0200000001${'00'.repeat(32)}ffffffff`, 'hex'),
    Buffer.from([scriptSig.length]),
    scriptSig,
    Buffer.from('ffffffff01', 'hex'),
    value,
    Buffer.from(`01${ANYONE_CAN_SPEND}00000000`, 'hex'),
  ]);
  return {
    txid: displayHash(sha256d(bytes)),
    version: 2,
    locktime: 0,
    size: bytes.length,
    weight: bytes.length * 4,
    feeSat: 0,
    hex: bytes.toString('hex'),
    inputs: [
      {
        txid: '00'.repeat(32),
        vout: 0xffff_ffff,
        isCoinbase: true,
        scriptSig: scriptSig.toString('hex'),
        witness: [],
        sequence: 0xffff_ffff,
        prevout: null,
      },
    ],
    outputs: [
      {
        script: ANYONE_CAN_SPEND,
        scriptHash: scriptHashOf(ANYONE_CAN_SPEND),
        address: null,
        type: 'unknown',
        valueSat: SUBSIDY_SAT,
      },
    ],
  };
}

/** regtest's target is half of all hashes, so a few tries find a block with valid proof of work. */
const meetsRegtestTarget = (hash: string): boolean => Number.parseInt(hash.slice(0, 2), 16) < 0x80;

function mineOn(parent: BlockRecord): BlockRecord {
  const tx = coinbase(parent.height + 1);
  const root = merkleRoot([tx.txid]);
  for (let nonce = 0; ; nonce++) {
    const header = {
      version: 0x2000_0000,
      previous: parent.hash,
      merkleRoot: root,
      time: parent.time + 1,
      bits: parent.bits,
      nonce,
    };
    const hash = displayHash(sha256d(headerBytes(header)));
    if (!meetsRegtestTarget(hash)) continue;
    return {
      ...header,
      hash,
      height: parent.height + 1,
      medianTime: parent.medianTime,
      difficulty: parent.difficulty,
      size: 81 + tx.size,
      weight: (81 + tx.size) * 4,
      transactions: [tx],
    };
  }
}

/** Empty blocks on top of `parent`, with valid headers, that no bitcoind has seen. */
export function forkBlocks(parent: BlockRecord, length: number): BlockRecord[] {
  const blocks: BlockRecord[] = [];
  let last = parent;
  for (let i = 0; i < length; i++) {
    last = mineOn(last);
    blocks.push(last);
  }
  return blocks;
}
