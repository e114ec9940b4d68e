import type { Network } from '../../../engine/base/network.ts';

export const networks: {
  readonly [N in Network]: { readonly name: string; readonly text: string; readonly real: boolean };
} = {
  mainnet: { name: 'Bitcoin', text: 'Real money.', real: true },
  testnet4: { name: 'Testnet 4', text: 'Coins without value, blocks every 10 min.', real: false },
  signet: { name: 'Signet', text: 'Coins without value, steady blocks.', real: false },
  mutinynet: { name: 'Mutinynet', text: 'Coins without value, a block every 30 s.', real: false },
  regtest: { name: 'Regtest', text: 'A chain of your own, on this machine.', real: false },
};
