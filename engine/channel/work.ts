import type { CommandId } from '../base/ids.ts';
import { err, ok } from '../base/result.ts';
import type { ChannelNotice, Effect, Receipt } from './effect.ts';
import type { Env } from './env.ts';
import type { ChannelMessage } from './message.ts';
import type { ChannelRefusal } from './refusal.ts';
import type { Session } from './session.ts';
import type { ChannelState, Durable } from './state.ts';

/**
 * One transition under way: handlers put new values in place of `durable` and `session` (the values themselves are
 * never changed) and add effects. `machine.ts` makes the step of it.
 */
export class Work {
  readonly env: Env;
  readonly effects: Effect[] = [];
  durable: Durable | null;
  session: Session;

  constructor(state: ChannelState, env: Env) {
    this.env = env;
    this.durable = state.durable;
    this.session = state.session;
  }

  /** Without a connection there is nobody to say it to. */
  send(message: ChannelMessage): void {
    if (this.session.link !== 'offline') this.effects.push({ tag: 'send', message });
  }

  notify(notice: ChannelNotice): void {
    this.effects.push({ tag: 'notify', notice });
  }

  succeed(id: CommandId, receipt: Receipt = { tag: 'done' }): void {
    this.effects.push({ tag: 'reply', id, result: ok(receipt) });
  }

  refuse(id: CommandId, refusal: ChannelRefusal): void {
    this.effects.push({ tag: 'reply', id, result: err(refusal) });
  }
}
