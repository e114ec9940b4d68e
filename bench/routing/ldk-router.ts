import {
  hex,
  isOk,
  ldk,
  load,
  optionU64,
  pin,
  silentLogger,
  unhex,
  unwrap,
} from '../../e2e/world/ldk/library.ts';
import { nodeId } from '../../engine/base/ids.ts';
import { SNAPSHOT_AT } from './network.ts';
import type { FoundHop, FoundPart, Lesson, Query, Router } from './query.ts';

/** LDK's graph and path finder, with the settings that it calls its defaults and its cheapest logger. */
export class LdkRouter implements Router {
  readonly #graph: ldk.NetworkGraph;
  readonly #logger: ldk.Logger;
  #scorer: ldk.ProbabilisticScorer;
  #lookUp: ldk.ScoreLookUp;
  #update: ldk.ScoreUpdate;
  readonly #fees: ldk.ProbabilisticScoringFeeParameters;
  readonly #paths = new WeakMap<FoundPart, ldk.Path>();

  private constructor(logger: ldk.Logger, graph: ldk.NetworkGraph) {
    this.#logger = logger;
    this.#graph = pin(graph);
    [this.#scorer, this.#lookUp, this.#update] = scorerOf(this.#graph, logger);
    this.#fees = pin(ldk.ProbabilisticScoringFeeParameters.constructor_default());
  }

  static async start(): Promise<LdkRouter> {
    await load();
    const logger = silentLogger();
    return new LdkRouter(logger, ldk.NetworkGraph.constructor_new(ldk.Network.LDKNetwork_Bitcoin, logger));
  }

  /** From what `kept` gave. */
  static reloaded(bytes: Uint8Array): LdkRouter {
    const logger = silentLogger();
    return new LdkRouter(logger, unwrap(ldk.NetworkGraph.constructor_read(bytes, logger), 'kept graph'));
  }

  /** What payments taught. */
  forget(): void {
    [this.#scorer, this.#lookUp, this.#update] = scorerOf(this.#graph, this.#logger);
  }

  /** What its scorer learnt, as others may fetch it. */
  scores(): Uint8Array {
    return this.#scorer.write();
  }

  /** A probe went there at that time; `refusedAt` as of `Lesson`. */
  probed(part: FoundPart, refusedAt: number | null, at: number): void {
    const path = ldk.Path.constructor_new(part.map(hopOf), null);
    const refused = refusedAt === null ? undefined : part[refusedAt];
    if (refused === undefined) this.#update.probe_successful(path, BigInt(at));
    else this.#update.probe_failed(path, refused.scid, BigInt(at));
  }

  /** The time has come. */
  passed(at: number): void {
    this.#update.time_passed(BigInt(at));
  }

  kept(): Uint8Array {
    return this.#graph.write();
  }

  channelCount(): number {
    return this.#graph.read_only().list_channels().length;
  }

  apply(bytes: Uint8Array, now: number = SNAPSHOT_AT): void {
    const sync = ldk.RapidGossipSync.constructor_new(this.#graph, this.#logger);
    unwrap(sync.update_network_graph_no_std(bytes, optionU64(BigInt(now))), 'snapshot');
  }

  /** In one slice: it cannot be looked into. */
  *applies(bytes: Uint8Array): Generator<undefined, void> {
    this.apply(bytes);
    yield;
  }

  /** What finding alone takes: the answer stays a handle. */
  search(
    { payer, payee, amountMsat, maxFeeMsat, maxParts }: Query,
    avoid: readonly bigint[],
  ): ldk.Route | null {
    const features = ldk.Bolt11InvoiceFeatures.constructor_empty();
    features.set_variable_length_onion_required();
    features.set_payment_secret_required();
    if (maxParts > 1) features.set_basic_mpp_optional();
    const parameters = ldk.PaymentParameters.constructor_new(
      ldk.Payee.constructor_clear(unhex(payee), [], features, 40),
      optionU64(null),
      1_008,
      maxParts,
      19,
      2,
      [...avoid],
      [],
    );
    const found = ldk.UtilMethods.constructor_find_route(
      unhex(payer),
      ldk.RouteParameters.constructor_new(parameters, amountMsat, optionU64(maxFeeMsat)),
      this.#graph,
      null,
      this.#logger,
      this.#lookUp,
      this.#fees,
      new Uint8Array(32).fill(7),
    );
    return isOk(found) ? unwrap<ldk.Route>(found, 'route') : null;
  }

  find(query: Query, avoid: readonly bigint[]): readonly FoundPart[] | null {
    return this.partsOf(this.search(query, avoid));
  }

  partsOf(route: ldk.Route | null): readonly FoundPart[] | null {
    return route?.get_paths().map((path) => this.#read(path)) ?? null;
  }

  learn(lessons: readonly Lesson[]): void {
    for (const { part, refusedAt } of lessons) {
      const path = this.#paths.get(part);
      if (path === undefined) continue;
      const refused = refusedAt === null ? undefined : part[refusedAt];
      if (refused === undefined) this.#update.payment_path_successful(path, BigInt(SNAPSHOT_AT));
      else this.#update.payment_path_failed(path, refused.scid, BigInt(SNAPSHOT_AT));
    }
  }

  #read(path: ldk.Path): FoundPart {
    const hops = path.get_hops();
    let amountMsat = 0n;
    const found: FoundHop[] = [];
    for (const hop of hops.toReversed()) {
      amountMsat += hop.get_fee_msat();
      found.unshift({
        scid: hop.get_short_channel_id(),
        nodeId: nodeId(hex(hop.get_pubkey())),
        amountMsat,
      });
    }
    this.#paths.set(found, path);
    return found;
  }
}

function scorerOf(
  graph: ldk.NetworkGraph,
  logger: ldk.Logger,
): [ldk.ProbabilisticScorer, ldk.ScoreLookUp, ldk.ScoreUpdate] {
  const decay = ldk.ProbabilisticScoringDecayParameters.constructor_default();
  const scorer = pin(ldk.ProbabilisticScorer.constructor_new(decay, graph, logger));
  return [scorer, pin(scorer.as_ScoreLookUp()), pin(scorer.as_ScoreUpdate())];
}

const hopOf = ({ nodeId: id, scid, amountMsat }: FoundHop, i: number, part: FoundPart): ldk.RouteHop =>
  ldk.RouteHop.constructor_new(
    unhex(id),
    ldk.NodeFeatures.constructor_empty(),
    scid,
    ldk.ChannelFeatures.constructor_empty(),
    amountMsat - (part[i + 1]?.amountMsat ?? 0n),
    40,
    true,
  );
