import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { NodeWorld, openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const MAINNET_ADDRESS = 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq';
const MEGABYTE = 1_000_000;

/** Handed to every argument of every method: no type is right everywhere, and none of these is often. */
const NONSENSE: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e21,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 32,
  -(2 ** 31),
  0n,
  -1n,
  1n,
  2n ** 63n,
  2n ** 64n,
  2n ** 64n - 1n,
  -(2n ** 64n),
  2n ** 300n,
  '',
  ' ',
  '0',
  '-1',
  'nonsense',
  '\0',
  '💥',
  '\ud800',
  'ﷺ'.repeat(300),
  '__proto__',
  'constructor',
  '00'.repeat(32),
  'ff'.repeat(32),
  `02${'00'.repeat(32)}`,
  'zz'.repeat(32),
  MAINNET_ADDRESS,
  'x'.repeat(MEGABYTE),
  '💥'.repeat(MEGABYTE / 2),
  'lnbcrt1'.padEnd(MEGABYTE, 'q'),
  [],
  [1, 2, 3],
  {},
  { length: -1 },
  Object.create(null),
  new Uint8Array(32),
  new Map(),
  new Date(Number.NaN),
  () => 1,
];

type Call = { readonly method: string; readonly args: readonly unknown[] };

/** Each method with arguments that make sense to alice, whose money may go. */
async function sensible({ world, alice, bob, channelId }: OpenedNodes): Promise<readonly Call[]> {
  const nodeId = await bob.id();
  const { address } = value(await world.ask(bob.api.newAddress()));
  const { invoice } = value(
    await world.ask(bob.api.bolt11.receive({ amountMsat: 1_000_000n, description: 'one' })),
  );
  const open = value(await world.ask(bob.api.bolt11.receiveVariableAmount({ description: 'any' })));
  const { signature, paymentId } = {
    signature: value(await alice.api.signMessage('hello')),
    paymentId: (await alice.api.listPayments()).payments[0]?.id ?? '',
  };
  const { psbt, txId } = value(await world.ask(alice.api.psbt.create(address, 1_000n, 'slow')));
  value(await world.ask(alice.api.psbt.release(txId)));
  const peer = { nodeId, host: 'bob', port: 9735 };
  return [
    { method: 'connect', args: [nodeId, 'bob', 9735, true] },
    { method: 'disconnect', args: [`03${'11'.repeat(32)}`] },
    { method: 'quoteOnchain', args: [address, 10_000n, 'normal'] },
    { method: 'quoteOnchain', args: [address, 'all', { satPerVb: 2 }] },
    { method: 'newAddress', args: ['Tea'] },
    { method: 'labelAddress', args: [address, 'Tea'] },
    { method: 'sendToAddress', args: [address, 1_000n, 'slow', 100_000n, 'Tea'] },
    { method: 'sendAllToAddress', args: [address, 'slow', 1n, 'Tea'] },
    { method: 'quoteBumpFee', args: ['11'.repeat(32), 'fast'] },
    { method: 'bumpFee', args: ['11'.repeat(32), 'fast', 500n] },
    { method: 'quoteCancelSend', args: ['11'.repeat(32), 'fast'] },
    { method: 'cancelSend', args: ['11'.repeat(32), 'fast', 500n] },
    { method: 'psbt.create', args: [address, 1_000n, 'slow', 100_000n] },
    { method: 'psbt.create', args: [address, 'all', { satPerVb: 2 }] },
    { method: 'psbt.inspect', args: [psbt] },
    { method: 'psbt.sign', args: [psbt] },
    { method: 'psbt.publish', args: [psbt] },
    { method: 'psbt.list', args: [] },
    { method: 'psbt.release', args: ['11'.repeat(32)] },
    { method: 'networkGraph.node', args: [nodeId] },
    { method: 'networkGraph.findNodes', args: ['alice', 10] },
    { method: 'networkGraph.channel', args: [1n] },
    { method: 'networkGraph.listNodes', args: [0, 10] },
    { method: 'networkGraph.listChannels', args: [0, 10] },
    { method: 'lsp.quote', args: [50_000_000n] },
    { method: 'lsp.receive', args: [{ quoteId: '55'.repeat(16), description: 'd', maxFeeMsat: 1n }] },
    { method: 'lsp.conduct', args: ['77'.repeat(32)] },
    { method: 'lsp.orders.quote', args: [500_000n] },
    {
      method: 'lsp.orders.buy',
      args: [{ quoteId: '55'.repeat(16), way: 'onchain', maxFeeSat: 1n, maxCostSat: 1n, onchainFee: 'slow' }],
    },
    { method: 'lsp.orders.forget', args: ['66'.repeat(16)] },
    { method: 'wake.key', args: [] },
    {
      method: 'wake.enable',
      args: [{ endpoint: 'https://push.test/x', p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) }],
    },
    { method: 'wake.disable', args: [] },
    { method: 'wake.leave', args: [['02'.repeat(33)]] },
    { method: 'wake.check', args: [] },
    { method: 'quoteOpenChannel', args: [100_000n, 2] },
    {
      method: 'openChannel',
      args: [
        {
          ...peer,
          amountSat: 20_000n,
          pushMsat: 0n,
          announce: false,
          zeroConf: false,
          feerateSatPerVb: 2,
          maxFeeSat: 500n,
        },
      ],
    },
    { method: 'quoteClose', args: [channelId, 'fast'] },
    { method: 'closeChannel', args: ['22'.repeat(32), { satPerVb: 3 }] },
    { method: 'forceCloseChannel', args: ['22'.repeat(32)] },
    { method: 'quoteHurryClose', args: [channelId, 'fast'] },
    { method: 'hurryClose', args: [channelId, { satPerVb: 3 }, 500n] },
    {
      method: 'updateChannelConfig',
      args: [channelId, { feeBaseMsat: 1n, feeProportionalMillionths: 1, cltvDelta: 100 }],
    },
    { method: 'backup.export', args: [] },
    { method: 'backup.saved', args: [1] },
    { method: 'backup.restore', args: [new Uint8Array(100)] },
    { method: 'backup.askPeer', args: [nodeId, 'bob', 9735] },
    { method: 'parse', args: [invoice] },
    { method: 'bolt11.receive', args: [{ amountMsat: 1n, description: 'd', expirySeconds: 60 }] },
    { method: 'bolt11.receiveVariableAmount', args: [{ description: 'd', expirySeconds: 60 }] },
    {
      method: 'bolt11.receiveForHash',
      args: [{ amountMsat: 1n, description: 'd', expirySeconds: 60, paymentHash: '33'.repeat(32) }],
    },
    { method: 'bolt11.claim', args: ['44'.repeat(32)] },
    { method: 'bolt11.fail', args: ['44'.repeat(32)] },
    { method: 'bolt11.quote', args: [open.invoice, 1_000n] },
    { method: 'bolt11.sendProbes', args: [open.invoice, 1_000n] },
    { method: 'bolt11.send', args: [open.invoice, { amountMsat: 1_000n, maxFeeMsat: 0n }] },
    { method: 'bolt11.send', args: [invoice, {}] },
    { method: 'spontaneous.quote', args: [nodeId, 1_000n] },
    { method: 'spontaneous.sendProbes', args: [nodeId, 1_000n] },
    { method: 'spontaneous.send', args: [nodeId, 1_000n, { maxFeeMsat: 0n }] },
    ...['rebalance', 'quoteRebalance'].map((method) => ({
      method,
      args: [{ fromChannelId: channelId, toChannelId: channelId, amountMsat: 1_000n, maxFeeMsat: 1n }],
    })),
    { method: 'payment', args: [paymentId] },
    { method: 'paymentParts', args: [paymentId] },
    { method: 'setLabel', args: [paymentId, 'label'] },
    { method: 'signMessage', args: ['hello'] },
    { method: 'verifySignature', args: ['hello', signature, nodeId] },
    { method: 'eventHandled', args: [1] },
  ];
}

/** Each argument, and each field of each argument, replaced by each piece of nonsense. */
function* spoiled({ method, args }: Call): Generator<Call> {
  for (const [i, arg] of args.entries())
    for (const nonsense of NONSENSE) {
      yield { method, args: args.with(i, nonsense) };
      if (typeof arg !== 'object' || arg === null) continue;
      for (const field of Object.keys(arg))
        yield { method, args: args.with(i, { ...arg, [field]: nonsense }) };
    }
}

const shown = ({ method, args }: Call): string =>
  `${method}(${args.map((arg) => (typeof arg === 'object' ? fields(arg) : short(arg))).join(', ')})`;
const short = (value_: unknown): string => String(value_).slice(0, 40) + (typeof value_)[0];
const fields = (arg: object | null): string =>
  `{${Object.entries(arg ?? {})
    .map(([name, field]) => `${name}: ${short(field)}`)
    .join(', ')}}`;

type Answered = { readonly ok: boolean; readonly error?: { readonly code: string } };

/** What is wrong with the answer; null when it is a value or a typed refusal. */
async function wrong({ world, api }: NodeSeat, { method, args }: Call): Promise<string | null> {
  let found: unknown = api;
  for (const name of method.split('.')) found = (found as Record<string, unknown>)[name];
  try {
    const answer = (found as (...given: readonly unknown[]) => Promise<Answered>)(...args);
    await world.settle();
    const none = Symbol('none');
    let answered = await Promise.race([answer, Promise.resolve(none)]);
    if (answered === none) {
      // It waits for somebody: patience ends at a minute.
      await world.pass(61_000);
      answered = await Promise.race([answer, Promise.resolve(none)]);
    }
    if (typeof answered !== 'object') return 'no answer';
    structuredClone(answered);
    if (answered.ok) return null;
    const { code } = answered.error ?? { code: '' };
    return /^[a-z0-9-]+$/.test(code) && code !== 'internal' ? null : JSON.stringify(answered);
  } catch (error) {
    return `threw ${String(error).slice(0, 200)}`;
  }
}

async function findings(seat: NodeSeat, calls: Iterable<Call>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const call of calls) {
    const reason = await wrong(seat, call);
    if (reason !== null) found.push(`${shown(call)}: ${reason}`);
  }
  return found;
}

/** They take nothing: there is nothing to spoil. */
const BARE: ReadonlySet<string> = new Set([
  'start',
  'stop',
  'status',
  'nodeId',
  'config',
  'sync',
  'listPeers',
  'listChannels',
  'listBalances',
  'nextEvent',
  'lsp.orders.list',
  'networkGraph.info',
  'networkGraph.refresh',
  'networkGraph.refreshScores',
]);
/** Told to answer whatever they are asked: see below. */
const LISTS: ReadonlySet<string> = new Set(['listPayments', 'snapshot']);

/** Every method of the API, as `bolt11.send`, and how many arguments it names. */
function methodsOf(api: object, under = ''): readonly (readonly [name: string, count: number])[] {
  return Object.entries(api).flatMap(([name, member]: [string, unknown]) => {
    if (typeof member === 'function') return [[under + name, member.length] as const];
    return typeof member === 'object' && member !== null ? methodsOf(member, `${under}${name}.`) : [];
  });
}

describe('the API given nonsense', () => {
  it('is all of it tried', async () => {
    const opened = await openedNodes();
    const tried = new Set((await sensible(opened)).map(({ method }) => method));
    const methods = new Map(methodsOf(opened.alice.api));
    const covered = new Set([...tried, ...BARE, ...LISTS]);
    expect([...methods.keys()].filter((name) => !covered.has(name))).toEqual([]);
    expect([...covered].filter((name) => !methods.has(name))).toEqual([]);
    // What began to take something has to be tried with it.
    expect([...BARE].filter((name) => methods.get(name) !== 0)).toEqual([]);
  });

  it('answers with a refusal, and goes on as before', async () => {
    const opened = await openedNodes();
    const { world, alice, bob } = opened;
    const calls = await sensible(opened);
    const wrongs: string[] = [];
    for (const call of calls) wrongs.push(...(await findings(alice, spoiled(call))));
    expect(wrongs).toEqual([]);

    // The lists that have no refusals to give, whatever they are asked.
    for (const nonsense of NONSENSE) {
      expect(Array.isArray((await alice.api.listPayments(nonsense as string)).payments)).toBe(true);
      expect(Array.isArray((await alice.api.listPayments(undefined, nonsense as number)).payments)).toBe(
        true,
      );
      await expect(alice.api.snapshot(nonsense as 'status')).rejects.toThrow(TypeError);
    }

    expect((await alice.api.status()).alarms).toEqual([]);
    // What was written down can be read again.
    const before = await alice.api.listPayments(undefined, 500);
    await alice.restart();
    await world.pass(60_000);
    expect(await alice.api.listPayments(undefined, 500)).toEqual(before);
    expect((await alice.api.listChannels()).filter(({ state }) => state === 'frozen')).toEqual([]);
    const { invoice, paymentId } = value(
      await world.ask(bob.api.bolt11.receive({ amountMsat: 5_000_000n, description: '' })),
    );
    value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
    expect(value(await alice.api.payment(paymentId)).state).toBe('succeeded');
  }, 60_000);

  it('before the start and after a stop likewise', async () => {
    const opened = await openedNodes();
    const calls = await sensible(opened);
    const early = new NodeWorld().seat('early');
    await early.load();
    expect(await findings(early, calls)).toEqual([]);
    for (const call of calls) expect(await findings(early, spoiled(call))).toEqual([]);
    value(await opened.world.ask(opened.alice.api.stop()));
    for (const call of calls) expect(await findings(opened.alice, [call, ...spoiled(call)])).toEqual([]);
  }, 60_000);
});
