import type { BackupDesk } from './backup/desk.ts';
import type { ChainDesk } from './chain-desk.ts';
import type { ClaimDesk } from './claim-desk.ts';
import type { ChannelDesk } from './channel-desk.ts';
import type { Core } from './core.ts';
import type { GraphDesk } from './graph/graph-desk.ts';
import type { LspDesk } from './lsp/lsp-desk.ts';
import type { PaymentDesk } from './payment-desk.ts';

/** What commands work with. */
export type Desks = {
  readonly core: Core;
  readonly channels: ChannelDesk;
  readonly payments: PaymentDesk;
  readonly chain: ChainDesk;
  readonly claims: ClaimDesk;
  readonly backup: BackupDesk;
  readonly graph: GraphDesk;
  readonly lsp: LspDesk;
};
