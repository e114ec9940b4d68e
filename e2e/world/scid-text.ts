/** `height x index x output`. */
export const scidText = (scid: bigint): string =>
  `${scid >> 40n}x${(scid >> 16n) & 0xff_ffffn}x${scid & 0xffffn}`;
