import type { Unit } from '../format/money.ts';
import { keep, recall } from './kept.ts';

export type Theme = 'system' | 'light' | 'dark';

const asUnit = (text: string): Unit => (text === 'btc' ? 'btc' : 'sat');
const asTheme = (text: string): Theme => (text === 'light' || text === 'dark' ? text : 'system');

/** How this device likes to read. */
export class Preferences {
  #unit: Unit = $state.raw('sat');
  #theme: Theme = $state.raw('system');

  constructor() {
    const kept = recall('device', 'preferences', { unit: 'sat', theme: 'system' });
    this.#unit = asUnit(kept.unit);
    this.#theme = asTheme(kept.theme);
    this.#paint();
  }

  get unit(): Unit {
    return this.#unit;
  }
  set unit(unit: Unit) {
    this.#unit = unit;
    this.#keep();
  }
  get theme(): Theme {
    return this.#theme;
  }
  set theme(theme: Theme) {
    this.#theme = theme;
    this.#keep();
    this.#paint();
  }

  toggleUnit(): void {
    this.unit = this.#unit === 'sat' ? 'btc' : 'sat';
  }

  #keep(): void {
    keep('device', 'preferences', { unit: this.#unit, theme: this.#theme });
  }

  #paint(): void {
    const theme = this.#theme;
    document.documentElement.dataset['theme'] = theme;
    // What the browser draws around the page: where no scheme is asked for, it stands; print is none that is looked at.
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]'))
      meta.media =
        theme === 'system' ? `(prefers-color-scheme: ${meta.id})` : theme === meta.id ? '' : 'print';
  }
}
