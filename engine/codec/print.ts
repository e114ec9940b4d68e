import { unreachable } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import type { Field } from './field.ts';
import type { Shape } from './shape.ts';

const SHOWN_BYTES = 33;
const SHOWN_ELEMENTS = 8;
const SHOWN_TEXT = 80;

/** One line for logs: no secrets, no long payloads, no line breaks from outside. */
export const print = <T>(field: Field<T>, value: T): string => printShape(field.shape, value);

export function printShape(shape: Shape, value: unknown): string {
  if (value === null || value === undefined) return '-';
  switch (shape.kind) {
    case 'bytes':
      return value instanceof Uint8Array ? printBytes(value, shape.show) : '?';
    case 'point':
      return value instanceof Uint8Array ? toHex(value) : '?';
    case 'utf8':
      return typeof value === 'string' ? printText(value) : '?';
    case 'option':
      return printShape(shape.of, value);
    case 'list':
      return Array.isArray(value) ? printList(shape.of, value) : '?';
    case 'map':
      return value instanceof Map ? `${value.size} entries` : '?';
    case 'struct':
      return `{${printProperties({ ...shape.required, ...shape.optional }, value)}}`;
    case 'union': {
      const name = String(Object.entries(value).find(([key]) => key === shape.tag)?.[1]);
      const body = shape.cases[name];
      return body === undefined ? '?' : `${name} ${printShape(body, value)}`;
    }
    case 'mapped':
      return shape.show === 'whole' ? printPlain(value) : '(hidden)';
    case 'number':
    case 'bigint':
    case 'bool':
    case 'flag':
    case 'enum':
    case 'hex':
      return printPlain(value);
    default:
      return unreachable(shape);
  }
}

/** `name: value` of every property that is present, in the order of the declaration. */
export const printProperties = (shapes: Readonly<Record<string, Shape>>, value: object): string =>
  Object.entries(shapes)
    .flatMap(([name, shape]) => {
      const content: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
      return content === undefined ? [] : [`${name}: ${printShape(shape, content)}`];
    })
    .join(', ');

function printBytes(value: Uint8Array, show: 'whole' | 'size' | 'never'): string {
  if (show === 'never') return '(secret)';
  if (show === 'size' || value.length > 2 * SHOWN_BYTES) return `(${value.length} bytes)`;
  return toHex(value);
}

function printList(of: Shape, values: readonly unknown[]): string {
  const shown = values.slice(0, SHOWN_ELEMENTS).map((value) => printShape(of, value));
  const rest = values.length - shown.length;
  return `[${shown.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}]`;
}

function printText(text: string): string {
  const cut = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text;
  // Control, format and separator characters would let a peer forge lines of a log.
  return `"${cut.replace(/[\p{C}\p{Z}"]/gu, ' ')}"`;
}

function printPlain(value: unknown): string {
  if (typeof value === 'string') return printText(value).slice(1, -1);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return `${value}`;
  return value instanceof Uint8Array ? printBytes(value, 'whole') : '(value)';
}
