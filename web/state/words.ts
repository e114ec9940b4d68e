/** The words in a text as a person types or pastes them: numbered lists, commas and line breaks are let through. */
export const wordsIn = (text: string): readonly string[] =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .split(/[\s,;]+/)
    .map((word) => word.replace(/^\d+[.):]?/, '').replace(/[^\p{L}]/gu, ''))
    .filter((word) => word !== '');

/** Three different positions, one from each third, so that a list cut short shows. Counted from 1. */
export function positionsToCheck(count: number, random: () => number = Math.random): readonly number[] {
  const third = Math.floor(count / 3);
  return [0, 1, 2].map((part) => part * third + Math.floor(random() * third) + 1);
}
