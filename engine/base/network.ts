import { blockHash, type BlockHash } from './ids.ts';

/** Mutinynet is a signet with its own challenge: same addresses and genesis, another config entry. */
export type Network = 'mainnet' | 'testnet4' | 'signet' | 'mutinynet' | 'regtest';

export type NetworkParams = {
  readonly network: Network;
  /** Display order. */
  readonly genesisHash: BlockHash;
  readonly bech32: 'bc' | 'tb' | 'bcrt';
  /** BOLT 11 §Human-Readable Part: the currency prefix after "ln". */
  readonly invoiceCurrency: 'bc' | 'tb' | 'tbs' | 'bcrt';
  readonly pubKeyHash: number;
  readonly scriptHash: number;
  /** BIP 44 coin type. */
  readonly coinType: 0 | 1;
};

const TEST = { pubKeyHash: 0x6f, scriptHash: 0xc4, coinType: 1 } as const;

export const NETWORKS: Readonly<Record<Network, NetworkParams>> = {
  mainnet: {
    network: 'mainnet',
    genesisHash: blockHash('000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'),
    bech32: 'bc',
    invoiceCurrency: 'bc',
    pubKeyHash: 0x00,
    scriptHash: 0x05,
    coinType: 0,
  },
  testnet4: {
    network: 'testnet4',
    genesisHash: blockHash('00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043'),
    bech32: 'tb',
    invoiceCurrency: 'tb',
    ...TEST,
  },
  signet: {
    network: 'signet',
    genesisHash: blockHash('00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6'),
    bech32: 'tb',
    invoiceCurrency: 'tbs',
    ...TEST,
  },
  mutinynet: {
    // Signets share the genesis block; only the challenge differs, so chain_hash is the same as signet's.
    network: 'mutinynet',
    genesisHash: blockHash('00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6'),
    bech32: 'tb',
    invoiceCurrency: 'tbs',
    ...TEST,
  },
  regtest: {
    network: 'regtest',
    genesisHash: blockHash('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206'),
    bech32: 'bcrt',
    invoiceCurrency: 'bcrt',
    ...TEST,
  },
};
