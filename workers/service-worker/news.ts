/** What a push says to a person. The service worker runs without a page, so its few words stand here. */
export type News = {
  readonly title: string;
  readonly body: string;
  /** One that is shown already is replaced by the next of its kind. */
  readonly tag: string;
};

/** By the methods of bLIP 55, which the push relay passes on. */
const NEWS: Readonly<Record<string, Omit<News, 'tag'>>> = {
  'lsps5.payment_incoming': {
    title: 'A payment is waiting',
    body: 'Open Leyden to receive it. It goes back if you wait long.',
  },
  'lsps5.expiry_soon': {
    title: 'A payment needs your wallet',
    body: 'Open Leyden soon, or a channel closes.',
  },
  'lsps5.liquidity_management_request': {
    title: 'Your provider wants to change a channel',
    body: 'Open Leyden to see what it asks for.',
  },
  'lsps5.onion_message_incoming': {
    title: 'A message is waiting',
    body: 'Open Leyden to receive it.',
  },
};

/** Browsers want something shown for every push, also for one that says nothing we know. */
const OTHER: Omit<News, 'tag'> = { title: 'Leyden has news', body: 'Open it to see what it is.' };

/** @param text what the push carried; null: nothing */
export function newsOf(text: string | null): News {
  const method = methodIn(text);
  const known = method !== null && Object.hasOwn(NEWS, method) ? NEWS[method] : undefined;
  return { ...(known ?? OTHER), tag: known === undefined ? 'leyden' : (method ?? 'leyden') };
}

function methodIn(text: string | null): string | null {
  try {
    const push: unknown = JSON.parse(text ?? 'null');
    if (typeof push !== 'object' || push === null || !('method' in push)) return null;
    return typeof push.method === 'string' ? push.method : null;
  } catch {
    return null;
  }
}
