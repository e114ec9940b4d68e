import { scidText } from '../scid-text.ts';
import { isNull, type ldk } from './library.ts';

/** Of the public channels that it knows with the terms of both ends: `height x index x output`. */
export function knownChannels(graph: ldk.NetworkGraph): string[] {
  // A lock: whoever takes it gives it back.
  const view = graph.read_only();
  try {
    return view
      .list_channels()
      .filter((scid) => {
        const channel = view.channel(scid);
        return !isNull(channel.get_one_to_two()) && !isNull(channel.get_two_to_one());
      })
      .map(scidText);
  } finally {
    view.free();
  }
}
