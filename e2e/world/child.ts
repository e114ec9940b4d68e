import { spawn } from 'node:child_process';

/** A program of the world. It ends when this process ends, however that happens. */
export type Child = {
  readonly exited: Promise<void>;
  readonly isRunning: () => boolean;
  /** The last lines it printed, for error messages. */
  readonly lastWords: () => string;
  /** Asks it to end (SIGTERM) and waits. */
  readonly stop: () => Promise<void>;
  /** Ends it as a power cut would (SIGKILL) and waits. */
  readonly kill: () => Promise<void>;
};

/**
 * Starts the program and waits; ends it when the pipe on the shell's input closes, which the system does when the
 * process that held the other end is gone, even by kill -9. `exec`ed so that the shell's own id is not in the way.
 */
const TETHER = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
( read -r signal <&3; kill "-\${signal:-TERM}" "$child" 2>/dev/null ) &
reader=$!
exec 3<&-
wait "$child"
status=$?
kill "$reader" 2>/dev/null
exit "$status"
`;

const KEPT = 8_000;

export function startChild(program: string, args: readonly string[]): Child {
  const shell = spawn('/bin/sh', ['-c', TETHER, 'tether', program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C in the terminal reaches us, and we stop things in their order.
    detached: true,
  });
  let words = '';
  // Output is read even if nobody wants it: a full pipe would block the program.
  const keep = (chunk: Buffer): void => {
    words = (words + chunk.toString()).slice(-KEPT);
  };
  shell.stdout.on('data', keep);
  shell.stderr.on('data', keep);
  shell.stdin.on('error', () => {
    // It is gone already.
  });
  let running = true;
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      running = false;
      resolve();
    };
    shell.once('exit', end);
    shell.once('error', (error) => {
      words += error.message;
      end();
    });
  });
  const signal = async (name: 'TERM' | 'KILL'): Promise<void> => {
    if (running) shell.stdin.end(`${name}\n`);
    await exited;
  };
  return {
    exited,
    isRunning: () => running,
    lastWords: () => words.trim(),
    stop: () => signal('TERM'),
    kill: () => signal('KILL'),
  };
}
