import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CameraScan } from './camera-scan.svelte.ts';

const TEXT = 'lnbc1tea';
const read = vi.hoisted(() => vi.fn<() => { data: string } | null>());
vi.mock('jsqr', () => ({ default: read }));

const failure = (name: string): DOMException => new DOMException('', name);
const track = { stop: vi.fn() };
const stream = { getTracks: () => [track] };
const video = { play: () => Promise.resolve(), videoWidth: 4, videoHeight: 4 } as unknown as HTMLVideoElement;

/** A browser with this camera, and this reader of codes of its own. */
function browser(camera: () => Promise<unknown>, native?: { formats?: unknown; detect?: unknown }): void {
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: camera } });
  if (native === undefined) return;
  const { formats = ['qr_code'], detect = [] } = native;
  const told = (what: unknown): Promise<unknown> =>
    what instanceof Error ? Promise.reject(what) : Promise.resolve(what);
  vi.stubGlobal(
    'BarcodeDetector',
    class {
      static getSupportedFormats = (): Promise<unknown> => told(formats);
      detect = (): Promise<unknown> => told(detect);
    },
  );
}

/** What it comes to: a text, or why there is none. */
async function scanned(): Promise<string> {
  const scan = new CameraScan();
  let found: string | null = null;
  scan.start(video, (text) => (found = text));
  await vi.waitFor(() => expect(found ?? scan.state).not.toMatch(/^(starting|looking)$/));
  return found ?? scan.state;
}

describe('the camera', () => {
  beforeEach(() => {
    track.stop.mockClear();
    read.mockReset().mockReturnValue({ data: TEXT });
    vi.stubGlobal('document', {
      createElement: () => ({
        getContext: () => ({ drawImage: () => undefined, getImageData: () => ({ data: [] }) }),
      }),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['NotAllowedError', 'blocked'],
    ['SecurityError', 'blocked'],
    ['NotFoundError', 'none'],
    ['OverconstrainedError', 'none'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
  ])('that does not come with %s is said to be so: %s', async (name, state) => {
    browser(() => Promise.reject(failure(name)));
    expect(await scanned()).toBe(state);
  });

  it('of a browser that knows none is none', async () => {
    vi.stubGlobal('navigator', {});
    expect(await scanned()).toBe('none');
  });

  it('is read by the browser where it can', async () => {
    browser(() => Promise.resolve(stream), { detect: [{ rawValue: TEXT }] });
    expect(await scanned()).toBe(TEXT);
    expect(read).not.toHaveBeenCalled();
  });

  it.each([
    ['has none', undefined],
    ['knows no such codes', { formats: ['ean_13'] }],
    ['does not know what it knows', { formats: failure('NotSupportedError') }],
    ['does not read after all', { detect: failure('NotSupportedError') }],
  ])('is read by a library where the browser %s', async (_what, native) => {
    browser(() => Promise.resolve(stream), native);
    expect(await scanned()).toBe(TEXT);
  });

  it('of which nobody reads the picture is there, and off', async () => {
    read.mockImplementation(() => {
      throw new TypeError('Failed to fetch dynamically imported module');
    });
    browser(() => Promise.resolve(stream));
    expect(await scanned()).toBe('unread');
    expect(track.stop).toHaveBeenCalledOnce();
  });

  it('that does not play is off too', async () => {
    browser(() => Promise.resolve(stream));
    vi.spyOn(video, 'play').mockRejectedValueOnce(failure('NotSupportedError'));
    expect(await scanned()).toBe('unread');
    expect(track.stop).toHaveBeenCalledOnce();
  });
});
