/** What can be kept: flat, and never words or keys. */
export type Flat = Readonly<Record<string, string | number | boolean | null>>;

const area = (place: 'tab' | 'device'): Storage | null => {
  try {
    return place === 'tab' ? sessionStorage : localStorage;
  } catch {
    return null; // storage is switched off: the page works, and forgets
  }
};

const PREFIX = 'leyden/';

/** Fields that are missing or of another type than in `otherwise` are taken from it. */
export function recall<T extends Flat>(place: 'tab' | 'device', key: string, otherwise: T): T {
  let stored: unknown = null;
  try {
    stored = JSON.parse(area(place)?.getItem(PREFIX + key) ?? 'null');
  } catch {
    return otherwise;
  }
  if (typeof stored !== 'object' || stored === null) return otherwise;
  const found = stored as Record<string, unknown>;
  const entries = Object.entries(otherwise).map(([field, usual]) => {
    const value = found[field];
    const fits =
      usual === null
        ? value === null || ['string', 'number', 'boolean'].includes(typeof value)
        : typeof value === typeof usual;
    return [field, fits ? value : usual];
  });
  return Object.fromEntries(entries) as T;
}

export function keep(place: 'tab' | 'device', key: string, value: Flat): void {
  try {
    area(place)?.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    return; // full or switched off: nothing that matters is kept here
  }
}

export function forget(place: 'tab' | 'device', key: string): void {
  area(place)?.removeItem(PREFIX + key);
}

/** Everything this page keeps, when the wallet is erased. */
export function forgetAll(): void {
  for (const place of ['tab', 'device'] as const) {
    const storage = area(place);
    if (storage === null) continue;
    for (const key of Object.keys(storage)) if (key.startsWith(PREFIX)) storage.removeItem(key);
  }
}
