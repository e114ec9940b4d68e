import { describe, expect, it } from 'vitest';
import { nodeId } from '../base/ids.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import { ManualClock } from '../testkit/manual-clock.ts';
import { seeded } from '../testkit/two-peer-env.ts';
import { FEATURE_NAMES, FEATURES } from '../wire/feature-table.ts';
import { ANSWER_MS, RpcClient, type RpcAnswer } from './rpc-client.ts';

const LSP = nodeId(`02${'11'.repeat(32)}`);
const OTHER = nodeId(`02${'22'.repeat(32)}`);

type Request = {
  readonly jsonrpc: string;
  readonly id: string;
  readonly method: string;
  readonly params: unknown;
};

/** A client whose messages go nowhere. */
class Asking {
  readonly clock = new ManualClock();
  readonly sent: { readonly to: string; readonly type: number; readonly text: string }[] = [];
  readonly logged: string[] = [];
  readonly answers: RpcAnswer[] = [];
  #drawn = 0;
  readonly client = new RpcClient({
    send: (to, message) => {
      if (message.name !== 'unknown') return false;
      this.sent.push({ to, type: message.type, text: decodeUtf8(message.payload) ?? '' });
      return true;
    },
    random: (count) => seeded('client', String(this.#drawn++)).slice(0, count),
    clock: this.clock,
    log: (level, area, text) => void this.logged.push(`${level} ${area} ${text}`),
  });

  ask(method = 'lsps2.get_info', lsp = LSP): Request {
    this.client.ask(lsp, method, [['token', '"ü/\\"x"']], (answer) => this.answers.push(answer));
    return JSON.parse(this.sent.at(-1)?.text ?? '') as Request;
  }

  hear(text: string, from = LSP): void {
    this.client.heard(from, encodeUtf8(text));
  }
}

const result = (id: string, more = ''): string => `{"jsonrpc":"2.0","id":"${id}","result":{"n":1${more}}}`;

describe('a request', () => {
  // bLIP 50 §Message Payload Format: "MUST send single complete JSON-RPC 2.0 request objects"; "MUST NOT send JSON-RPC 2.0
  // notification objects"; "MUST NOT batch multiple JSON-RPC 2.0 request objects in an array"
  it('is one object with an id, each in a message of its own', () => {
    const asking = new Asking();
    for (const method of ['lsps2.get_info', 'lsps1.get_info']) asking.ask(method);
    expect(asking.sent.map(({ type }) => type)).toEqual([37_913, 37_913]);
    for (const { text } of asking.sent)
      expect(JSON.parse(text)).toEqual({
        jsonrpc: '2.0',
        id: expect.any(String),
        method: expect.stringMatching(/^lsps\d\.get_info$/),
        params: { token: 'ü/"x' },
      });
  });

  // bLIP 50 §Disconnection Handling: "Clients MUST use a high-entropy `id` string"; "MUST NOT use just a simple incrementing
  // counter for the `id`"
  // bLIP 50 §Disconnection Handling: "Clients MAY include additional information in their `id` for internal"
  it('has an id of 128 random bits', () => {
    const asking = new Asking();
    const ids = Array.from({ length: 20 }, () => asking.ask().id);
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('an answer', () => {
  // bLIP 50 §Message Payload Format: "MAY send responses in an order different from the order in which the client sent the
  // requests"
  it('is for its own request, in whatever order it comes', () => {
    const asking = new Asking();
    const [first, second] = [asking.ask(), asking.ask()];
    asking.hear(result(second.id, ',"of":"second"'));
    asking.hear(result(first.id, ',"of":"first"'));
    expect(asking.answers).toMatchObject([
      { ok: true, value: { id: second.id, result: { of: 'second' } } },
      { ok: true, value: { id: first.id, result: { of: 'first' } } },
    ]);
  });

  // bLIP 50 §Disconnection Handling: "with an `id` it does not remember sending a request for, it MUST ignore that response"
  it('to nothing is ignored: of an id that nobody sent, of another peer, and a second time', () => {
    const asking = new Asking();
    const { id } = asking.ask();
    asking.hear(result('00'));
    asking.hear(result(id), OTHER);
    expect(asking.answers).toEqual([]);
    asking.hear(result(id));
    asking.hear(result(id, ',"again":true'));
    expect(asking.answers).toMatchObject([{ ok: true, value: { result: { n: 1 } } }]);
    expect(asking.logged.filter((line) => line === 'warn lsp an answer to nothing')).toHaveLength(3);
  });

  // bLIP 50 §Disconnection Handling: "a reasonable timeout, on the scale of minutes"; "SHOULD treat a timeout event as a
  // temporary server failure, and forget the `id`"
  it('that does not come is given up, and ignored when it comes after all', () => {
    const asking = new Asking();
    const { id } = asking.ask();
    asking.clock.advance(ANSWER_MS - 1);
    expect(asking.answers).toEqual([]);
    asking.clock.advance(1);
    asking.hear(result(id));
    expect(asking.answers).toEqual([{ ok: false, error: { code: 'no-answer' } }]);
    // The next request is sent all the same.
    asking.hear(result(asking.ask().id));
    expect(asking.answers.at(-1)).toMatchObject({ ok: true });
    expect(asking.clock.waiting).toBe(0);
  });

  it('does not come any more once the connection is gone', () => {
    const asking = new Asking();
    const { id } = asking.ask();
    asking.client.down(OTHER);
    expect(asking.answers).toEqual([]);
    asking.client.down(LSP);
    asking.hear(result(id));
    expect(asking.answers).toEqual([{ ok: false, error: { code: 'disconnected' } }]);
  });
});

describe('what is no answer', () => {
  // bLIP 50 §Message Payload Format: "MUST ignore the message"; "SHOULD log this as an unusual event"; "SHOULD NOT send further
  // BOLT8 messages with ID 37913 to the peer on this connection session"; "SHOULD re-attempt this on reconnection"
  it.each(['asked for', 'and nothing was asked'])(
    'when it is none that can be read (%s): nothing more is said until the next connection',
    (when) => {
      const asking = new Asking();
      const before = when === 'asked for' ? 1 : 0;
      if (before === 1) asking.ask();
      asking.hear('{');
      expect(asking.logged).toEqual(['warn lsp a bad message']);
      asking.client.ask(LSP, 'lsps2.get_info', [], (answer) => asking.answers.push(answer));
      expect(asking.sent).toHaveLength(before);
      expect(asking.answers).toMatchObject(
        Array.from({ length: before + 1 }, () => ({ ok: false, error: { code: 'nonsense' } })),
      );
      // Of the others nobody says that they are like this one.
      asking.hear(result(asking.ask('lsps2.get_info', OTHER).id), OTHER);
      asking.client.up(LSP);
      asking.hear(result(asking.ask().id));
      expect(asking.answers.slice(-2)).toMatchObject([{ ok: true }, { ok: true }]);
    },
  );

  // bLIP 50 §LSPS Extension And Versioning: "MUST ignore unrecognized LSP-initiated notification `method`s"; "SHOULD log this
  // as unusual"
  // bLIP 55 §Webhook Notification Methods: "The LSP MUST NOT use any of these methods on"
  it('a notification that nobody asked for is logged, and changes nothing', () => {
    const asking = new Asking();
    const { id } = asking.ask();
    asking.hear('{"jsonrpc":"2.0","method":"lsps9.pay_me","params":{"amount_msat":"5"}}');
    expect(asking.answers).toEqual([]);
    expect(asking.logged).toEqual(['info lsp an unknown notification']);
    asking.hear(result(id));
    expect(asking.answers).toMatchObject([{ ok: true }]);
  });
});

// bLIP 50 §Lightning Feature Bit: "Clients MUST NOT set `features` bit numbered 729"
it('bit 729 belongs to LSPs: no feature of ours has it', () => {
  for (const name of FEATURE_NAMES) expect([728, 729]).not.toContain(FEATURES[name].bit);
});
