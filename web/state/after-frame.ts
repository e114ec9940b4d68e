/** A tab that goes behind another meanwhile draws no frame. */
const NO_FRAME_MS = 100;

/** Runs it once what was changed until now is on the screen; at once where nothing is drawn. */
export function afterFrame(run: () => void): void {
  if (globalThis.document?.visibilityState !== 'visible') return run();
  let pending = true;
  const once = (): void => {
    if (!pending) return;
    pending = false;
    run();
  };
  setTimeout(once, NO_FRAME_MS);
  // A frame is drawn behind its callbacks, and before the next task.
  requestAnimationFrame(() => setTimeout(once));
}
