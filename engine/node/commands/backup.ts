import { err, ok } from '../../base/result.ts';
import type { Answer, NodeApi } from '../api.ts';
import type { RestoredBackup } from '../backup-api.ts';
import { addressArgument, invalid, nodeIdArgument } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import { connectTo, keepPeer } from './peers.ts';

/** A peer says what it kept right after `init`. */
const ANSWER_MS = 10_000;
/** More than any backup has. */
const MOST_BYTES = 64 * 1024 * 1024;

export function backupCommands({ core, backup }: Desks): NodeApi['backup'] {
  /** Once it is asked, a peer of old is connected to until its channels are over. */
  const ask = (nodeId: Parameters<typeof connectTo>[1]): Promise<RestoredBackup | 'newer-version' | null> =>
    new Promise((resolve) => {
      const late = core.options.clock.after(ANSWER_MS, () => {
        forget();
        resolve(null);
      });
      const forget = backup.whenAnswered(nodeId, (answered) => {
        late();
        resolve(answered);
      });
    });

  return {
    export: async () => {
      if (core.running === null) return err({ code: 'not-running' });
      const { network } = core.options;
      // The same for each backup of this wallet: the newest takes the place of the one before.
      const fileName = `leyden-backup-${network}-${core.running.identity.nodeId.slice(2, 10)}.leyden`;
      return core.inTurn((turn, done) => done(ok({ ...backup.export(turn), fileName })));
    },

    saved: async (counter) => {
      if (core.running === null) return err({ code: 'not-running' });
      if (!Number.isSafeInteger(counter) || counter < 1 || counter > backup.keepers.own.counter)
        return invalid('counter', 'the number of a backup that was made is needed');
      return core.inTurn((turn, done) => {
        backup.saved(turn, counter);
        done(ok(undefined));
      });
    },

    restore: async (bytes, isAlone = true): Answer<RestoredBackup> => {
      if (!(bytes instanceof Uint8Array) || bytes.length > MOST_BYTES)
        return invalid('bytes', 'the bytes of a backup are needed');
      if (typeof isAlone !== 'boolean') return invalid('isAlone', 'true or false is needed');
      if (core.running === null) return err({ code: 'not-running' });
      const opened = backup.open(bytes);
      if (!opened.ok) return err({ code: 'backup-unreadable', reason: opened.error });
      return core.inTurn((turn, done) => {
        if (isAlone) backup.beAlone(turn, opened.value.at);
        const restored = backup.restore(turn, opened.value);
        done(restored === null ? err({ code: 'runs-elsewhere' }) : ok(restored));
      });
    },

    askPeer: async (nodeId, host, port) => {
      const id = nodeIdArgument(nodeId);
      if (!id.ok) return id;
      const address = addressArgument(host, port);
      if (!address.ok) return address;
      const { running } = core;
      if (running === null) return err({ code: 'not-running' });
      // It speaks once a connection: one that stands has been heard.
      if (running.peers.remoteInit(id.value) !== null)
        running.peers.disconnect(id.value, { code: 'requested' });
      await core.inTurn<void>((turn, done) => {
        backup.beAlone(turn);
        done();
      });
      const answer = ask(id.value);
      const connected = await connectTo(core, id.value, address.value);
      if (!connected.ok) return connected;
      const restored = await answer;
      if (restored === 'newer-version') return err({ code: 'backup-unreadable', reason: restored });
      if (restored !== null)
        await core.inTurn<void>((turn, done) => {
          keepPeer(core, turn, id.value, address.value);
          done();
        });
      return ok(restored);
    },
  };
}
