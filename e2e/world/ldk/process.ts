// The peer's process: LDK on one side, the control channel to whoever started it on the other. Ends when they end.
import type { CommandName, FromPeer, LdkCommands, ToPeer } from './control.ts';
import { LdkNode } from './node.ts';
import type { LdkSettings } from './settings.ts';

const say = (message: FromPeer): void => {
  process.send?.(message, undefined, undefined, () => {
    // Nobody listens any more: `disconnect` ends us.
  });
};

let node: LdkNode | null = null;

async function start(settings: LdkSettings): Promise<void> {
  node = await LdkNode.start(settings, (event) => say({ tag: 'event', event }));
  say({ tag: 'ready', nodeId: node.id, port: node.port });
}

async function run(id: number, name: CommandName, args: unknown[]): Promise<void> {
  try {
    if (node === null) throw new Error('not started');
    const command = (node as LdkCommands)[name] as (...args: unknown[]) => unknown;
    say({ tag: 'result', id, value: await command.apply(node, args) });
  } catch (error) {
    say({ tag: 'failure', id, message: error instanceof Error ? error.message : String(error) });
  }
}

process.on('message', (message: ToPeer) => {
  const work =
    message.tag === 'start' ? start(message.settings) : run(message.id, message.name, message.args);
  work.catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal reaches the whole group; our starter decides when we stop.
process.on('SIGINT', () => {});
