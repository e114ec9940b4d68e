/** `cursor` names a place in the list for the next page; it survives what is added or removed meanwhile. */
export type Page = { readonly ids: readonly string[]; readonly next: string | null };

type Place = { readonly at: number; readonly id: string };

const compare = (a: Place, b: Place): number => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const cursorOf = ({ at, id }: Place): string => `${at}/${id}`;

function placeOf(cursor: string): Place {
  const slash = cursor.indexOf('/');
  const at = Number(cursor.slice(0, Math.max(0, slash)));
  return { at: Number.isFinite(at) ? at : 0, id: cursor.slice(slash + 1) };
}

/** Ids in the order of a time that each has, newest first when read. Adding the newest costs nothing. */
export class TimeOrder {
  /** Oldest first. */
  readonly #places: Place[] = [];
  readonly #times = new Map<string, number>();

  get size(): number {
    return this.#places.length;
  }

  /** Adds `id`, or moves it to another time. */
  set(id: string, at: number): void {
    if (this.#times.get(id) === at) return;
    this.delete(id);
    this.#times.set(id, at);
    const place = { at, id };
    this.#places.splice(this.#before(place), 0, place);
  }

  delete(id: string): void {
    const at = this.#times.get(id);
    if (at === undefined) return;
    this.#times.delete(id);
    this.#places.splice(this.#before({ at, id }), 1);
  }

  /** Newest first. @param after the `next` of the page before; null for the newest. */
  page(after: string | null, limit: number): Page {
    const end = after === null ? this.#places.length : this.#before(placeOf(after));
    const start = Math.max(0, end - Math.max(1, Math.floor(limit)));
    const places = this.#places.slice(start, end).reverse();
    const last = places.at(-1);
    return {
      ids: places.map(({ id }) => id),
      next: start === 0 || last === undefined ? null : cursorOf(last),
    };
  }

  /** How many stand before `place`. */
  #before(place: Place): number {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#places[middle];
      if (other !== undefined && compare(other, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
