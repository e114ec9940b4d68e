const MINUTES_PER_BLOCK = 10;

/** How long a number of blocks takes, as a person says it. */
export function blocksText(blocks: number): string {
  const minutes = Math.max(1, blocks) * MINUTES_PER_BLOCK;
  return `about ${lengthText(minutes * 60)}`;
}

/** "45 s", "20 min", "3 hours", "2 days", rounded to what matters. */
export function lengthText(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(seconds / 3600);
  if (hours === 24) return '1 day';
  if (hours < 36) return hours === 1 ? '1 hour' : `${hours} hours`;
  return `${Math.round(seconds / 86_400)} days`;
}

const date = (unixSeconds: number): Date => new Date(unixSeconds * 1000);

/** Kept: a browser takes some ten milliseconds to make one. Made anew where the device came into another time zone. */
let clock: { readonly offset: number; readonly format: Intl.DateTimeFormat } | null = null;

export function clockTime(unixSeconds: number): string {
  const offset = new Date().getTimezoneOffset();
  if (clock?.offset !== offset)
    clock = { offset, format: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }) };
  return clock.format.format(date(unixSeconds));
}

export const fullTime = (unixSeconds: number): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(date(unixSeconds));

const dayNumber = (at: Date): number =>
  Math.floor(Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / 86_400_000);

/** The heading under which a day's payments stand. */
export function dayText(unixSeconds: number, now: number): string {
  const at = date(unixSeconds);
  const today = date(now);
  const ago = dayNumber(today) - dayNumber(at);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  return new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'long',
    ...(at.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' }),
  }).format(at);
}

export const isoTime = (unixSeconds: number): string => date(unixSeconds).toISOString();
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);
