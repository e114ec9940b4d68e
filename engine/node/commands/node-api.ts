import { err, ok } from '../../base/result.ts';
import type { PaymentId, TxId } from '../../base/ids.ts';
import { labelTx } from '../../wallet/record-tx.ts';
import type { NodeApi, Snapshots, Topic } from '../api.ts';
import { hashArgument, invalid, labelArgument, nodeIdArgument, textArgument } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import type { AliasOf } from '../graph/alias.ts';
import { messageSigner, signMessage } from '../message-signature.ts';
import { backupDetails } from '../snapshots/backup.ts';
import { balances } from '../snapshots/balances.ts';
import { channelDetails } from '../snapshots/channels.ts';
import { paymentParts } from '../snapshots/payment-parts.ts';
import { paymentDetails, paymentPage } from '../snapshots/payments.ts';
import { chainStatus, nodeStatus } from '../snapshots/status.ts';
import { backupCommands } from './backup.ts';
import { channelCommands } from './channels.ts';
import { hurryCommands } from './hurry-close.ts';
import { graphCommands } from './graph.ts';
import { lspCommands } from './lsp.ts';
import { orderCommands } from './orders.ts';
import { onchainCommands } from './onchain.ts';
import { mayBePaid } from './may-be-paid.ts';
import { parseDestination } from './parse.ts';
import { rebalanceCommands } from './rebalance.ts';
import { paymentCommands } from './payments.ts';
import { peerCommands, peerDetails } from './peers.ts';
import { wakeCommands } from './wake.ts';

const MESSAGE = 10_000;

/** The whole API over one node. */
export function nodeApi(desks: Desks): Omit<NodeApi, 'start' | 'stop'> {
  const { core, chain, channels, payments, graph } = desks;
  const alias: AliasOf = (id) => graph.alias(id);
  // What is not on disk is not shown: it may yet come otherwise. How the node fares is told at any time.
  const saved = <T>(look: () => T): Promise<T> => core.driver.read(look);
  const snapshots: { readonly [T in Topic]: () => Promise<Snapshots[T]> } = {
    status: () => Promise.resolve(nodeStatus(core)),
    balances: () => saved(() => balances(core)),
    channels: () => saved(() => channelDetails(core, alias)),
    peers: () => Promise.resolve(peerDetails(core, alias)),
    payments: () => saved(() => paymentPage(core)),
    backup: () => saved(() => backupDetails(core, desks.backup, alias)),
  };
  const coins = onchainCommands(desks);
  const lightning = paymentCommands(desks);
  return {
    status: () => Promise.resolve(nodeStatus(core)),
    nodeId: () =>
      Promise.resolve(
        core.running === null ? err({ code: 'not-running' }) : ok(core.running.identity.nodeId),
      ),
    config: async () => {
      const servers = await core.options.servers();
      const { esplora, proxies } = servers.ok ? servers.value : { esplora: [], proxies: [] };
      return { network: core.options.network, esplora, proxies };
    },
    sync: async () => {
      if (core.running === null) return err({ code: 'not-running' });
      core.running.chain.wake();
      await chain.sync();
      const { trouble } = core;
      return core.reachable
        ? ok(chainStatus(core))
        : err({ code: 'chain-unreachable', ...(trouble === null ? {} : { trouble }) });
    },

    ...peerCommands(desks),
    ...coins,
    ...channelCommands(desks),
    ...hurryCommands(desks),
    ...lightning,
    backup: backupCommands(desks),
    networkGraph: graphCommands(desks),
    lsp: { ...lspCommands(desks), orders: orderCommands(desks, { ...coins, ...lightning }) },
    wake: wakeCommands(desks),
    parse: (text) =>
      Promise.resolve(
        parseDestination(text, core.options.network, (invoice, address) =>
          mayBePaid(desks, invoice, address),
        ),
      ),

    ...rebalanceCommands(desks),

    payment: (paymentId) => {
      return saved(() => {
        const details = typeof paymentId === 'string' ? paymentDetails(core, paymentId) : null;
        return details === null ? err({ code: 'unknown-payment' }) : ok(details);
      });
    },
    paymentParts: (paymentId) =>
      saved(() => {
        if (typeof paymentId !== 'string' || paymentDetails(core, paymentId) === null)
          return err({ code: 'unknown-payment' });
        return ok(paymentParts(core, paymentId, alias) ?? []);
      }),
    listPayments: (after, limit) => saved(() => paymentPage(core, after, limit)),
    setLabel: async (paymentId, label) => {
      const id = hashArgument(paymentId, 'paymentId');
      if (!id.ok) return id;
      const text = labelArgument(label);
      if (!text.ok) return text;
      return core.inTurn((turn, done) => {
        if (core.wallet.txs.has(id.value as TxId))
          channels.applyWallet(turn, labelTx(core.wallet, id.value as TxId, text.value));
        else {
          const outcome =
            core.running === null
              ? null
              : core.payments.label(id.value as PaymentId, text.value, payments.env());
          if (outcome === null) return done(err({ code: 'unknown-payment' }));
          payments.apply(turn, outcome);
        }
        return done(ok(undefined));
      });
    },
    listBalances: () => saved(() => balances(core)),

    signMessage: async (message) => {
      const text = textArgument(message, 'message', MESSAGE);
      if (!text.ok) return text;
      if (core.running === null) return err({ code: 'not-running' });
      return ok(signMessage(text.value, core.running.identity.secret.expose()));
    },
    verifySignature: async (message, signature, nodeId) => {
      const text = textArgument(message, 'message', MESSAGE);
      if (!text.ok) return text;
      if (typeof signature !== 'string') return invalid('signature', 'a signature is needed');
      const signer = messageSigner(text.value, signature.trim().toLowerCase());
      if (nodeId === undefined) return ok({ valid: signer !== null, nodeId: signer });
      const expected = nodeIdArgument(nodeId);
      return expected.ok ? ok({ valid: signer === expected.value, nodeId: signer }) : expected;
    },

    snapshot: (topic) =>
      Object.hasOwn(snapshots, topic) ? snapshots[topic]() : Promise.reject(new TypeError('no such topic')),
    nextEvent: () => saved(() => core.events.oldest),
    eventHandled: (cursor) =>
      Number.isSafeInteger(cursor)
        ? core.inTurn((turn, done) => {
            turn.write(core.events.handled(cursor));
            done(ok(undefined));
          })
        : Promise.resolve(invalid('cursor', 'a cursor is needed')),
  };
}
