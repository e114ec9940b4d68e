import type { ChainReader } from '../chain/chain-reader.ts';
import type { ScanSource } from '../wallet/scan.ts';

/** For what is new. */
export const newsSource = (reader: ChainReader): ScanSource => ({
  scriptCounts: (...asked) => reader.scriptCounts(...asked),
  scriptHistory: (...asked) => reader.scriptHistory(...asked),
  transaction: (id) => reader.transaction(id),
  placement: (tx) => reader.ownPlacement(tx),
  isKnownToAny: (id) => reader.isKnownToAny(id),
  isInBestChain: (at) => reader.isInBestChain(at),
  distrust: (server) => {
    reader.distrust(server);
  },
  denies: (...asked) => reader.denies(...asked),
});

/** For all that words received. `onAddress`: one more is looked at. */
export const historySource = (reader: ChainReader, onAddress: () => void): ScanSource => ({
  ...newsSource(reader),
  scriptCounts: (...asked) => {
    onAddress();
    return reader.scriptCounts(...asked);
  },
  placement: (tx) => reader.toldPlacement(tx),
});
