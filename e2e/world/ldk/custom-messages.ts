import type { PeerEvent } from '../real-peer.ts';
import { featureBits, hex, ldk, pin, unhex, unsigned16, unwrap } from './library.ts';

export type ConnectionNews = Extract<PeerEvent, { type: 'connected' | 'disconnected' }>;
/** LSPS0: JSON as text. */
export type LspsText = { readonly type: 'lsps'; readonly nodeId: string; readonly text: string };

const LSPS_MESSAGE = 37_913;
/** bLIP 50 §Lightning Feature Bit. */
const LSPS_FEATURE = 729;

/**
 * Tells who connects and leaves (LDK says so only to a handler of custom messages), and carries the messages of LSPS0
 * for an LSP. Callbacks only note down; `outbox` is sent when LDK asks for it.
 */
export function customMessages(
  isLsp: boolean,
  tell: (news: ConnectionNews | LspsText) => void,
  outbox: LspsText[],
): ldk.CustomMessageHandler {
  const accepted = pin(ldk.Result_NoneLightningErrorZ.constructor_ok());
  const welcome = pin(ldk.Result_NoneNoneZ.constructor_ok());
  const unknown = pin(
    ldk.Result_COption_TypeZDecodeErrorZ.constructor_ok(ldk.Option_TypeZ.constructor_none()),
  );
  const carrying = (payload: () => Uint8Array): ldk.Type =>
    pin(ldk.Type.new_impl({ type_id: () => LSPS_MESSAGE, debug_str: () => 'lsps', write: payload }));
  const lsps = pin(
    ldk.Result_COption_TypeZDecodeErrorZ.constructor_ok(
      ldk.Option_TypeZ.constructor_some(carrying(() => new Uint8Array())),
    ),
  );
  const bits = isLsp ? featureVector(LSPS_FEATURE) : new Uint8Array(2);
  const nodeFeatures = pin(unwrap<ldk.NodeFeatures>(ldk.NodeFeatures.constructor_read(bits), 'features'));
  const initFeatures = pin(unwrap<ldk.InitFeatures>(ldk.InitFeatures.constructor_read(bits), 'features'));
  // Read, and then handled, one after the other: the object in between cannot be looked into.
  let read: Uint8Array | null = null;
  return pin(
    ldk.CustomMessageHandler.new_impl(
      {
        handle_custom_message: (_, from) => {
          if (read !== null) tell({ type: 'lsps', nodeId: hex(from), text: Buffer.from(read).toString() });
          read = null;
          return accepted;
        },
        get_and_clear_pending_msg: () =>
          outbox.splice(0).map(({ nodeId, text }) => {
            const payload = new Uint8Array(Buffer.from(text));
            return pin(
              ldk.TwoTuple_PublicKeyTypeZ.constructor_new(
                unhex(nodeId),
                carrying(() => payload),
              ),
            );
          }),
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
      {
        read: (type, payload) => {
          if (!isLsp || unsigned16(type) !== LSPS_MESSAGE) return unknown;
          read = Uint8Array.from(payload);
          return lsps;
        },
      },
    ),
  );
}

/** Two bytes of length, then the vector. */
function featureVector(bit: number): Uint8Array {
  const length = (bit >> 3) + 1;
  const bytes = new Uint8Array(2 + length);
  bytes.set([length >> 8, length & 0xff]);
  bytes[2] = 1 << (bit & 7);
  return bytes;
}
