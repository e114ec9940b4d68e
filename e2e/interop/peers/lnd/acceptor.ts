import { once } from 'node:events';
import { WebSocket } from 'ws';
import { base64 } from './rest.ts';

type Asked = {
  readonly node_pubkey: string;
  readonly pending_chan_id: string;
  readonly wants_zero_conf: boolean;
};

/** LND takes no unconfirmed channel by itself: each is asked of whoever listens here, for as long as LND runs. */
export async function trust(port: number, nodeId: string): Promise<void> {
  const line = new WebSocket(`ws://127.0.0.1:${port}/v1/channels/acceptor?method=POST`);
  await once(line, 'open');
  line.on('error', () => {
    // LND was killed.
  });
  line.on('message', (data: Buffer) => {
    const { result } = JSON.parse(data.toString()) as { readonly result: Asked };
    const { pending_chan_id, wants_zero_conf: zero_conf } = result;
    const accept = !zero_conf || result.node_pubkey === base64(nodeId);
    line.send(JSON.stringify({ accept, zero_conf, pending_chan_id }));
  });
}
