import type { NodeApi } from '../../../engine/node/api.ts';
import type { PeerAddress } from '../real-peer.ts';

/** A node of ours under test: in a process of its own, in the test's, or in a browser. */
export interface Leyden {
  readonly api: NodeApi;
  /** Compressed public key, hex. */
  readonly id: string;
  /** What it logged at `info` and above since it was made, oldest first. */
  readonly log: readonly string[];
  isRunning(): boolean;
  /** Orderly. */
  stop(): Promise<void>;
  /** As a power cut would: nothing runs after what is on disk now. */
  kill(): Promise<void>;
  /** From what is on disk, at the same address. Also starts a killed one. */
  restart(): Promise<void>;
}

/** One that peers can dial, as they cannot what runs in a page. */
export interface ListeningLeyden extends Leyden {
  readonly address: PeerAddress;
}

/** From the test vectors of BIP 39; each number is another wallet. */
export const WORDS: readonly string[] = [
  'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about',
  'legal winner thank year wave sausage worth useful legal winner thank yellow',
  'letter advice cage absurd amount doctor acoustic avoid letter advice cage above',
  'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong',
  'scheme spot photo card baby mountain device kick cradle pact join borrow',
  'cat swing flag economy stadium alone churn speed unique patch report train',
  'vessel ladder alter error federal sibling chat ability sun glass valve picture',
  'horn tenant knee talent sponsor spell gate clip pulse soap slush warm silver nephew swap uncle crack brave',
  'light rule cinnamon wrap drastic word pride squirrel upgrade then income fatal apart sustain crack supply proud access',
  'gravity machine north sort system female filter attitude volume fold club stay feature office ecology stable narrow fog',
];
