/** The short channel ids that ldk-node's log has it sell channels under, one for each channel. */
export const soldUnder = (log: string): readonly string[] =>
  [...log.matchAll(/Enqueueing message .*jit_channel_scid\\":\\"(\d+x\d+x\d+)\\"/g)].map(
    ([, scid = '']) => scid,
  );
