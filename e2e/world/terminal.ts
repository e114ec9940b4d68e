import { createInterface } from 'node:readline';
import { payeeOf } from './control-server.ts';
import type { World } from './world.ts';

type Command = {
  readonly usage: string;
  readonly run: (world: World, words: readonly string[]) => Promise<string>;
};

const satAsMsat = (text: string | undefined): bigint | undefined =>
  text === undefined ? undefined : BigInt(text) * 1000n;

const COMMANDS: Readonly<Record<string, Command>> = {
  invoice: {
    usage: 'invoice [sat]      an invoice of the payee, to pay from the page',
    run: async (world, [sat]) => {
      const amountMsat = satAsMsat(sat);
      const description = 'Playground invoice';
      const request = amountMsat === undefined ? { description } : { amountMsat, description };
      return (await payeeOf(world).createInvoice(request)).bolt11;
    },
  },
  pay: {
    usage: 'pay INVOICE [sat]  the LDK peer pays an invoice of the page',
    run: async ({ ldk }, [bolt11 = '', sat]) => {
      const amountMsat = satAsMsat(sat);
      const { preimage } = await ldk.pay(bolt11, amountMsat === undefined ? {} : { amountMsat });
      return `paid, preimage ${preimage}`;
    },
  },
  open: {
    usage: 'open NODE sat      the LDK peer opens a channel to the page, which must be connected',
    run: async ({ ldk }, [nodeId = '', sat = '0']) => {
      const { channelId } = await ldk.openChannel({ nodeId, capacitySat: BigInt(sat) });
      return `channel ${channelId} is being opened`;
    },
  },
  mine: {
    usage: 'mine [blocks]      blocks come by themselves while something waits for one',
    run: async (world, [blocks = '1']) => {
      await world.mine(Number(blocks));
      return `height ${await world.chain.height()}`;
    },
  },
  channels: {
    usage: 'channels           of the LDK peer',
    run: async ({ ldk }) => {
      const lines = (await ldk.channels()).map(
        (channel) =>
          `${channel.channelId.slice(0, 8)}… ${channel.capacitySat} sat, ${channel.isUsable ? 'usable' : 'not usable'}, ` +
          `can send ${channel.outboundMsat / 1000n}, can receive ${channel.inboundMsat / 1000n}`,
      );
      return lines.length === 0 ? 'none' : lines.join('\n');
    },
  },
};

/** Lets whoever started the playground in a terminal speak for the LDK peer. */
export function listenToTerminal(world: World, say: (text: string) => void): void {
  if (!process.stdin.isTTY) return;
  say('Here you can speak for the other side:');
  for (const { usage } of Object.values(COMMANDS)) say(`  ${usage}`);
  say('Ctrl-C stops everything.\n');
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const [name = '', ...words] = line.trim().split(/\s+/);
    if (name === '') return;
    const command = COMMANDS[name];
    if (command === undefined) return say(`there is: ${Object.keys(COMMANDS).join(', ')}`);
    command
      .run(world, words)
      .then(say, (error: unknown) => say(error instanceof Error ? error.message : String(error)));
  });
}
