import { describe, expect, it } from 'vitest';
import type { Clock } from '../base/ports.ts';
import { err, ok } from '../base/result.ts';
import { timestamp } from '../base/units.ts';
import { put, type Write } from '../base/write.ts';
import { systemClock } from '../platform/system-clock.ts';
import { Driver, Ended } from './driver.ts';

const record = (key: string): Write => put('meta', key, new Uint8Array([1]));

/** A disk answers long before it is taken for silent. */
const atOnce: Clock['after'] = (delay, run) => {
  if (delay <= 10_000) queueMicrotask(run);
  return () => undefined;
};

function world(failures = 0, after = atOnce, time: Partial<Clock> = {}) {
  const log: string[] = [];
  let left = failures;
  const driver = new Driver({
    commit: (writes) => {
      log.push(`commit ${writes.map((write) => write.key).join(' ')}`);
      return Promise.resolve(left-- > 0 ? err({ detail: 'quota' }) : ok(undefined));
    },
    clock: { ...systemClock, ...time, after },
    onDrained: (turn) => turn.after(() => log.push('drained')),
    onBug: (error) => log.push(`bug ${(error as Error).message}`),
    onHalt: (error) => log.push(`halt ${(error as Error).message}`),
    onStorage: (failure) => log.push(`storage ${failure}`),
    onSettled: () => log.push('settled'),
  });
  return { driver, log };
}

describe('driver', () => {
  it('saves before it speaks, and waiting inputs share one transaction', async () => {
    const { driver, log } = world();
    for (const name of ['a', 'b'])
      driver.submit((turn) => {
        turn.after(() => log.push(`say ${name}`));
        turn.write([record(name)]);
      });
    await driver.idle();
    expect(log).toEqual(['commit a b', 'say a', 'say b', 'drained', 'settled']);
  });

  it('a failed write holds every effect back until the same records are on disk', async () => {
    const { driver, log } = world(2);
    driver.submit((turn) => {
      turn.write([record('a')]);
      turn.after(() => log.push('say a'));
    });
    await driver.idle();
    expect(log).toEqual([
      'commit a',
      'storage quota',
      'commit a',
      'storage quota',
      'commit a',
      'storage null',
      'say a',
      'drained',
      'settled',
    ]);
  });

  it('a disk that does not answer is told, and that it does again once it has', async () => {
    const waiting = new Set<() => void>();
    let answer = (): void => undefined;
    const log: string[] = [];
    const driver = new Driver({
      commit: () => new Promise((resolve) => (answer = () => resolve(ok(undefined)))),
      clock: {
        ...systemClock,
        after: (_delay, run) => {
          waiting.add(run);
          return () => waiting.delete(run);
        },
      },
      onDrained: () => undefined,
      onBug: (error) => log.push(`bug ${(error as Error).message}`),
      onHalt: (error) => log.push(`halt ${(error as Error).message}`),
      onStorage: (failure) => log.push(`storage ${failure}`),
      onSettled: () => log.push('settled'),
    });
    const save = (): void =>
      driver.submit((turn) => {
        turn.write([record('a')]);
        turn.after(() => log.push('say a'));
      });
    save();
    await Promise.resolve();
    expect(waiting.size).toBe(1);
    for (const late of waiting) late();
    expect(log).toEqual(['storage no answer for 20 s']);
    answer();
    await driver.idle();
    expect(log.splice(0)).toEqual(['storage no answer for 20 s', 'storage null', 'say a', 'settled']);
    // One that answers in time is not spoken of, then or later.
    waiting.clear();
    save();
    await Promise.resolve();
    answer();
    await driver.idle();
    expect(waiting.size).toBe(0);
    expect(log).toEqual(['say a', 'settled']);
  });

  it('what speaks of the disk with nothing to save is not said while the disk does not know its writer', async () => {
    const { driver, log } = world(1);
    driver.submit((turn) => {
      turn.asWriter();
      turn.after(() => log.push('say'));
    });
    await driver.idle();
    expect(log).toEqual(['commit ', 'storage quota', 'commit ', 'storage null', 'say', 'drained', 'settled']);
  });

  it('what the disk did not take for ten minutes is not said any more, by either clock', async () => {
    for (const clock of ['time of day', 'monotonic'] as const) {
      let passed = 0;
      const { driver, log } = world(
        Infinity,
        (delay, run) => {
          passed += delay;
          return atOnce(delay, run);
        },
        {
          now: () => timestamp(1_700_000_000 + (clock === 'time of day' ? Math.floor(passed / 1_000) : 0)),
          monotonicMs: () => (clock === 'monotonic' ? passed : 0),
        },
      );
      driver.submit((turn) => {
        turn.write([record('a')]);
        turn.after(() => log.push('say a'));
      });
      await driver.idle();
      expect(log.filter((line) => !line.startsWith('commit'))).toEqual([
        ...log.filter((line) => line.startsWith('storage')),
        expect.stringMatching(/^halt not on disk after 6\d\d s: quota$/),
      ]);
      driver.submit((turn) => turn.after(() => log.push('say b')));
      await driver.idle();
      expect(log.at(-1)).toContain('halt');
      await expect(driver.read(() => 'memory')).rejects.toBeInstanceOf(Ended);
    }
  });

  it('an input that throws takes its whole turn along: nothing is saved or said, then or later', async () => {
    const { driver, log } = world();
    driver.submit((turn) => {
      turn.write([record('a')]);
      turn.after(() => log.push('say a'));
    });
    driver.submit((turn) => {
      turn.write([record('half')]);
      throw new Error('broken');
    });
    driver.submit((turn) => turn.write([record('b')]));
    await driver.idle();
    driver.submit((turn) => turn.write([record('c')]));
    await driver.idle();
    expect(log).toEqual(['halt broken']);
    await expect(driver.read(() => 'memory')).rejects.toBeInstanceOf(Ended);
  });

  it('an effect that throws holds back nothing else', async () => {
    const { driver, log } = world();
    driver.submit((turn) => {
      turn.after(() => {
        throw new Error('broken');
      });
      turn.after(() => log.push('say'));
    });
    await driver.idle();
    expect(log).toEqual(['bug broken', 'say', 'drained', 'settled']);
  });

  it('nobody reads what is not on disk', async () => {
    const { driver, log } = world(1);
    let state = 'before';
    driver.submit((turn) => {
      state = 'after';
      turn.write([record('a')]);
    });
    void driver.read(() => log.push(`read ${state}`));
    await Promise.resolve();
    void driver.read(() => log.push(`read ${state}`));
    await driver.idle();
    expect(log).toEqual([
      'read before',
      'commit a',
      'storage quota',
      'commit a',
      'storage null',
      'drained',
      'read after',
      'settled',
    ]);
  });

  it('stops while the disk refuses: one more try, and what is not saved is never said nor read', async () => {
    const { driver, log } = world(Infinity, () => () => undefined);
    driver.submit((turn) => {
      turn.write([record('a')]);
      turn.after(() => log.push('say'));
    });
    while (log.length < 2) await Promise.resolve();
    const reading = driver.read(() => 'memory');
    await driver.stop();
    expect(log).toEqual(['commit a', 'storage quota', 'commit a', 'storage quota']);
    await expect(reading).rejects.toBeInstanceOf(Ended);
  });

  it('inputs that an input submits join its turn; those of an effect make the next', async () => {
    const { driver, log } = world();
    driver.submit((turn) => {
      turn.write([record('a')]);
      driver.submit((same) => {
        same.write([record('b')]);
        same.after(() => driver.submit((next) => next.write([record('c')])));
      });
    });
    await driver.idle();
    expect(log).toEqual(['commit a b', 'drained', 'settled', 'commit c', 'drained', 'settled']);
  });

  it('after stop nothing is taken and nothing is said', async () => {
    const { driver, log } = world();
    driver.submit((turn) => turn.after(() => log.push('say')));
    await driver.stop();
    driver.submit((turn) => turn.write([record('late')]));
    await driver.idle();
    expect(log).toEqual([]);
  });

  it('writes a record once in a turn: as the last input left it', async () => {
    const { driver, log } = world();
    driver.submit((turn) => turn.write([record('a'), record('b')]));
    driver.submit((turn) => turn.write([{ op: 'delete', table: 'meta', key: 'a' }]));
    driver.submit((turn) => turn.write([record('a')]));
    await driver.idle();
    expect(log).toEqual(['commit a b', 'drained', 'settled']);
  });
});
