import { toHex } from '../../base/bytes.ts';
import { channelId } from '../../base/ids.ts';
import type { PeerAddress } from '../../base/ports.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { blockDelta, msat, sat, type FeeratePerKw, type Sat } from '../../base/units.ts';
import { feerateToSatPerVb } from '../../bitcoin/fee.ts';
import { p2wsh } from '../../bitcoin/script.ts';
import type { ChannelCommand } from '../../channel/command.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../../channel/default-config.ts';
import type { Receipt } from '../../channel/effect.ts';
import type { Durable } from '../../channel/state.ts';
import type { ChannelRefusal } from '../../channel/refusal.ts';
import { quoteFunding } from '../../wallet/reservations.ts';
import type { Answer, NodeApi, OnchainQuote, OpenChannelRequest } from '../api.ts';
import {
  addressArgument,
  channelIdArgument,
  feerateArgument,
  invalid,
  nodeIdArgument,
  satArgument,
} from '../arguments.ts';
import type { HostedChannel } from '../channel-host.ts';
import { reserveWanted } from '../claims/reserve.ts';
import type { Desks } from '../desks.ts';
import { refusalFromChannel, refusalFromWallet } from '../refusal-from.ts';
import type { Refusal } from '../refusal.ts';
import { channelDetails } from '../snapshots/channels.ts';
import { quoteClose } from './close-quote.ts';
import { connectTo, keepPeer } from './peers.ts';
import { fundingRefusal } from './reserve-refusal.ts';

/** From open_channel to funding_signed: four messages and a signature. */
const OPEN_MS = 60_000;
/** Any P2WSH output costs the same. */
const SOME_FUNDING_SCRIPT = p2wsh(new Uint8Array(0));

type Opened = { readonly channelId: string; readonly fundingTxId: string };
type Reply = Result<Receipt, ChannelRefusal>;

export function channelCommands({
  backup,
  core,
  channels: desk,
  graph,
}: Desks): Pick<
  NodeApi,
  | 'quoteOpenChannel'
  | 'openChannel'
  | 'quoteClose'
  | 'closeChannel'
  | 'forceCloseChannel'
  | 'listChannels'
  | 'updateChannelConfig'
> {
  /** All is no more than a channel may hold; the rest is change. */
  function quote(amount: Sat | 'all', feerate: FeeratePerKw, maxFee?: Sat): Result<OnchainQuote, Refusal> {
    const outOfRange = err({
      code: 'channel-amount-out-of-range',
      minimumSat: DEFAULT_CHANNEL_CONFIG.minFunding,
      maximumSat: MAX_FUNDING,
    } as const);
    if (amount !== 'all' && amount > MAX_FUNDING) return outOfRange;
    const request = {
      script: SOME_FUNDING_SCRIPT,
      amount,
      feerate,
      keepBack: reserveWanted(core, 1),
      ...(maxFee === undefined ? {} : { maxFee }),
    };
    const quoted = quoteFunding(core.wallet, request);
    if (!quoted.ok) return err(fundingRefusal(core, request, quoted.error));
    const { amount: amountSat, fee: feeSat, change: changeSat } = quoted.value;
    if (amountSat > MAX_FUNDING) return quote(MAX_FUNDING, feerate);
    if (amountSat < DEFAULT_CHANNEL_CONFIG.minFunding) return outOfRange;
    return ok({
      amountSat,
      feeSat,
      totalSat: amountSat + feeSat,
      feerateSatPerVb: feerateToSatPerVb(feerate),
      changeSat,
    });
  }

  /** Asks the peer, and answers when both have signed, or it came to nothing. */
  function open(
    peer: HostedChannel['peerId'],
    address: PeerAddress,
    command: Omit<Extract<ChannelCommand, { tag: 'open' }>, 'shutdownScript'>,
    maxFee?: Sat,
  ): Answer<Opened> {
    const { running, options, channels, driver } = core;
    return core.inTurn((turn, done) => {
      const remoteInit = running?.peers.remoteInit(peer) ?? null;
      if (remoteInit === null) return done(err({ code: 'peer-not-connected' }));
      const channel = channels.add(channelId(toHex(options.random(32))), peer);
      if (maxFee !== undefined) desk.limitFunding(channel, maxFee);
      let isLate = false;
      const cancel = options.clock.after(OPEN_MS, () => {
        driver.submit((late) => {
          isLate = true;
          if (channel.state.durable === null) channels.deliver(late, channel, { tag: 'disconnected' });
        });
      });
      channels.deliver(turn, channel, { tag: 'connected', remoteInit });
      channels.command(
        turn,
        channel,
        { ...command, shutdownScript: desk.freshScript(turn) },
        (answering, result) => {
          cancel();
          // In the transaction that makes the channel: without its peer it is of no use after a restart.
          if (result.ok) keepPeer(core, answering, peer, address);
          // Also where the machine never began.
          else channels.forget(channel);
          if (!result.ok && isLate)
            return done(err({ code: 'timed-out', waitingFor: 'the peer' }), answering);
          const refusal = desk.fundingRefusal(channel);
          done(openAnswer(result, refusal === null ? null : refusalFromWallet(refusal)), answering);
        },
      );
    });
  }

  async function openChannel(request: OpenChannelRequest): Answer<Opened> {
    if (typeof request !== 'object' || request === null) return invalid('request', 'a request is needed');
    const peer = nodeIdArgument(request.nodeId);
    if (!peer.ok) return peer;
    const address = addressArgument(request.host, request.port);
    if (!address.ok) return address;
    const amount = satArgument(request.amountSat, 'amountSat');
    if (!amount.ok) return amount;
    const { pushMsat = 0n, announce = false, zeroConf = false, feerateSatPerVb, maxFeeSat } = request;
    if (typeof pushMsat !== 'bigint' || pushMsat < 0n || pushMsat > amount.value * 1000n)
      return err({ code: 'invalid-amount', detail: 'pushMsat is out of range' });
    if (typeof announce !== 'boolean') return invalid('announce', 'true or false is needed');
    if (typeof zeroConf !== 'boolean') return invalid('zeroConf', 'true or false is needed');
    const feerate =
      feerateSatPerVb === undefined ? ok(core.feerates.normal) : feerateArgument(core, feerateSatPerVb);
    if (!feerate.ok) return feerate;
    const maxFee = maxFeeSat === undefined ? ok(undefined) : satArgument(maxFeeSat, 'maxFeeSat');
    if (!maxFee.ok) return maxFee;
    if (!core.isCurrent) return err({ code: 'chain-behind', lastSyncAt: core.lastSyncAt });
    const affordable = quote(amount.value, feerate.value, maxFee.value);
    if (!affordable.ok) return affordable;
    const connected = await connectTo(core, peer.value, address.value);
    if (!connected.ok) return connected;
    const proposal = {
      amount: amount.value,
      push: msat(pushMsat),
      announce,
      zeroConf,
      feerate: feerate.value,
    };
    const opened = await open(peer.value, address.value, { tag: 'open', ...proposal }, maxFee.value);
    // It spoke of a channel that is not known here, and was hung up on.
    if (!opened.ok && opened.error.code === 'peer-not-connected' && backup.whyLeftAlone(peer.value) !== null)
      return err({ code: 'runs-elsewhere' });
    return opened;
  }

  /** Gives a channel a command and answers when it answers. */
  async function command(
    id: unknown,
    make: (freshScript: () => Uint8Array, durable: Durable) => ChannelCommand,
    forFrozen = false,
  ): Answer<void> {
    const name = channelIdArgument(id);
    if (!name.ok) return name;
    if (core.running === null) return err({ code: 'not-running' });
    const channel = core.channels.get(name.value);
    const durable = channel?.state.durable ?? null;
    if (channel === null || durable === null) return err({ code: 'unknown-channel' });
    if (channel.frozen && !forFrozen) return err({ code: 'channel-frozen' });
    return core.inTurn((turn, done) =>
      core.channels.command(
        turn,
        channel,
        make(() => desk.freshScript(turn), durable),
        (answering, result) =>
          done(result.ok ? ok(undefined) : err(refusalFromChannel(result.error)), answering),
      ),
    );
  }

  return {
    quoteOpenChannel: (amountSat, feerateSatPerVb) => {
      const amount = amountSat === 'all' ? ok('all' as const) : satArgument(amountSat, 'amountSat');
      if (!amount.ok) return Promise.resolve(amount);
      const feerate =
        feerateSatPerVb === undefined ? ok(core.feerates.normal) : feerateArgument(core, feerateSatPerVb);
      return Promise.resolve(feerate.ok ? quote(amount.value, feerate.value) : feerate);
    },
    openChannel,
    quoteClose: (id, fee = 'normal') => {
      const name = channelIdArgument(id);
      if (!name.ok) return Promise.resolve(name);
      const feerate = feerateArgument(core, fee);
      if (!feerate.ok) return Promise.resolve(feerate);
      const channel = core.channels.get(name.value);
      return Promise.resolve(
        channel === null ? err({ code: 'unknown-channel' }) : quoteClose(core, channel, feerate.value),
      );
    },
    closeChannel: (id, fee = 'normal') => {
      const feerate = feerateArgument(core, fee);
      if (!feerate.ok) return Promise.resolve(feerate);
      return command(id, (freshScript, { params }) => ({
        tag: 'close',
        // What was committed to at opening is the only script that the peer would take.
        script: params.local.shutdownScript.length > 0 ? params.local.shutdownScript : freshScript(),
        feerate: feerate.value,
      }));
    },
    // The way out of a frozen channel too.
    forceCloseChannel: (id) => command(id, () => ({ tag: 'force-close' }), true),
    listChannels: () => core.driver.read(() => channelDetails(core, (id) => graph.alias(id))),
    updateChannelConfig: async (id, update) => {
      const name = channelIdArgument(id);
      if (!name.ok) return name;
      const relay = core.channels.get(name.value)?.state.durable?.relay;
      if (relay === undefined) return err({ code: 'unknown-channel' });
      const {
        feeBaseMsat = relay.feeBase,
        feeProportionalMillionths = relay.feeProportionalMillionths,
        cltvDelta = relay.cltvDelta,
      } = update ?? {};
      if (typeof feeBaseMsat !== 'bigint' || feeBaseMsat < 0n || feeBaseMsat > 0xffff_ffffn)
        return invalid('feeBaseMsat', 'out of range');
      if (!isWithin(feeProportionalMillionths, 0, 0xffff_ffff))
        return invalid('feeProportionalMillionths', 'out of range');
      if (!isWithin(cltvDelta, 18, 2016)) return invalid('cltvDelta', 'out of range');
      return command(id, () => ({
        tag: 'update-relay',
        feeBase: msat(feeBaseMsat),
        feeProportionalMillionths,
        cltvDelta: blockDelta(cltvDelta),
      }));
    },
  };
}

/** Without option_support_large_channel: BOLT 2 "funding_satoshis to less than 2^24 satoshi". */
const MAX_FUNDING = sat(2n ** 24n - 1n);

const isWithin = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

function openAnswer(result: Reply, refusal: Refusal | null): Result<Opened, Refusal> {
  if (!result.ok) return err(refusal ?? refusalFromChannel(result.error));
  return result.value.tag === 'opened'
    ? ok({ channelId: result.value.channelId, fundingTxId: result.value.fundingTxId })
    : err({ code: 'internal', detail: 'the channel answered something else' });
}
