import type { PeerEvent } from '../real-peer.ts';
import { featureBits, hex, ldk, pin, unwrap } from './library.ts';

export type ConnectionNews = Extract<PeerEvent, { type: 'connected' | 'disconnected' }>;

/** Tells who connects and leaves: LDK says so only to a handler of custom messages. It knows no custom message. */
export function connectionWatcher(tell: (news: ConnectionNews) => void): ldk.CustomMessageHandler {
  const accepted = pin(ldk.Result_NoneLightningErrorZ.constructor_ok());
  const welcome = pin(ldk.Result_NoneNoneZ.constructor_ok());
  const unknown = pin(
    ldk.Result_COption_TypeZDecodeErrorZ.constructor_ok(ldk.Option_TypeZ.constructor_none()),
  );
  const noBits = new Uint8Array(2);
  const nodeFeatures = pin(
    unwrap<ldk.NodeFeatures>(ldk.NodeFeatures.constructor_read(noBits), 'node features'),
  );
  const initFeatures = pin(
    unwrap<ldk.InitFeatures>(ldk.InitFeatures.constructor_read(noBits), 'init features'),
  );
  return pin(
    ldk.CustomMessageHandler.new_impl(
      {
        handle_custom_message: () => accepted,
        get_and_clear_pending_msg: () => [],
        peer_disconnected: (nodeId) => tell({ type: 'disconnected', nodeId: hex(nodeId) }),
        peer_connected: (nodeId, init) => {
          tell({
            type: 'connected',
            nodeId: hex(nodeId),
            features: featureBits(init.get_features().le_flags()),
          });
          return welcome;
        },
        provided_node_features: () => nodeFeatures,
        provided_init_features: () => initFeatures,
      },
      { read: () => unknown },
    ),
  );
}
