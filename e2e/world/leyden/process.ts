// Leyden's process: the node on one side, the control channel to whoever started it on the other. Ends when they end.
import { join } from 'node:path';
import { buildNode } from '../../../engine/platform/build-node.ts';
import { callByPath } from './callable.ts';
import type { FromLeyden, LeydenSettings, ToLeyden } from './control.ts';
import { FileStore } from './file-store.ts';

const say = (message: FromLeyden): void => {
  process.send?.(message, undefined, undefined, () => {
    // Nobody listens any more: `disconnect` ends us.
  });
};

let api: object | null = null;

async function start({ folder, ...settings }: LeydenSettings): Promise<void> {
  const built = await buildNode({
    ...settings,
    storage: await FileStore.open(join(folder, 'journal')),
    log: (level, scope, message, detail) => {
      if (level !== 'debug') say({ tag: 'log', line: JSON.stringify([level, scope, message, detail]) });
    },
  });
  if (!built.ok) throw new Error(`no node: ${JSON.stringify(built.error)}`);
  const node = built.value;
  const started = await node.start();
  if (!started.ok) throw new Error(`not started: ${JSON.stringify(started.error)}`);
  const id = await node.nodeId();
  if (!id.ok) throw new Error('no node id');
  api = node;
  say({ tag: 'ready', nodeId: id.value, port: node.listeningPort ?? 0 });
}

async function run(id: number, method: string, args: readonly unknown[]): Promise<void> {
  try {
    if (api === null) throw new Error('not started');
    say({ tag: 'result', id, value: await callByPath(api, method, args) });
  } catch (error) {
    say({ tag: 'failure', id, message: error instanceof Error ? error.message : String(error) });
  }
}

process.on('message', (message: ToLeyden) => {
  const work =
    message.tag === 'start' ? start(message.settings) : run(message.id, message.method, message.args);
  work.catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal reaches the whole group; our starter decides when we stop.
process.on('SIGINT', () => {});
