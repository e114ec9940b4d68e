/** The two ends of an id: enough to compare by eye. */
export const shortId = (id: string, ends = 6): string =>
  id.length <= ends * 2 + 1 ? id : `${id.slice(0, ends)}…${id.slice(-ends)}`;

/** Groups of four, as people read addresses aloud. */
export const inFours = (text: string): readonly string[] => text.match(/.{1,4}/gu) ?? [];

/** A peer as a person knows it. */
export const peerName = (alias: string | null, nodeId: string): string =>
  alias === null || alias.trim() === '' ? shortId(nodeId) : alias;
