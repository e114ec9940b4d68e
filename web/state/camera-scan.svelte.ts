type ReadCode = (video: HTMLVideoElement) => Promise<string | null>;

type Detector = { detect: (source: HTMLVideoElement) => Promise<readonly { readonly rawValue: string }[]> };
type DetectorClass = {
  new (options: { formats: readonly string[] }): Detector;
  getSupportedFormats: () => Promise<readonly string[]>;
};

/** The browser's own reader, where it has one that works. */
async function nativeReader(): Promise<ReadCode | null> {
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats: readonly string[] = (await Native?.getSupportedFormats().catch(() => [])) ?? [];
  if (Native === undefined || !formats.includes('qr_code')) return null;
  const detector = new Native({ formats: ['qr_code'] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

/** Else a small library, fetched only then. */
async function codeReader(): Promise<ReadCode> {
  const native = await nativeReader();
  if (native === null) return libraryReader();
  let read = native;
  return async (video) => {
    try {
      return await read(video);
    } catch {
      read = await libraryReader();
      return read(video);
    }
  };
}

async function libraryReader(): Promise<ReadCode> {
  const { default: jsQR } = await import('jsqr');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (video) => {
    const { videoWidth: width, videoHeight: height } = video;
    if (context === null || width === 0) return Promise.resolve(null);
    canvas.width = width;
    canvas.height = height;
    context.drawImage(video, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return Promise.resolve(jsQR(data, width, height)?.data ?? null);
  };
}

const EVERY_MS = 150;

/** Why there is no picture: what `getUserMedia` rejects with. Where it is missing altogether there is no camera for this page. */
function withoutCamera(error: unknown): 'blocked' | 'none' | 'busy' {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'blocked';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'none';
  }
}

/** Looks through the camera until a code is read. The camera is off as soon as this stops. */
export class CameraScan {
  /** `busy`: it is there and does not start. `unread`: nothing here reads what it shows. */
  state: 'starting' | 'looking' | 'blocked' | 'none' | 'busy' | 'unread' = $state.raw('starting');
  #stream: MediaStream | null = null;
  #run = 0;

  start(video: HTMLVideoElement, onfound: (text: string) => void): void {
    this.#run += 1;
    void this.#look(this.#run, video, onfound);
  }

  stop(): void {
    this.#run += 1;
    this.#turnOff();
    this.state = 'starting';
  }

  #turnOff(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  async #look(run: number, video: HTMLVideoElement, onfound: (text: string) => void): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      if (run !== this.#run) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.#stream = stream;
      video.srcObject = stream;
      await video.play();
      const read = await codeReader();
      this.state = 'looking';
      while (run === this.#run) {
        const text = await read(video);
        if (run === this.#run && text !== null && text !== '') {
          onfound(text);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      }
    } catch (error) {
      if (run !== this.#run) return;
      this.state = this.#stream === null ? withoutCamera(error) : 'unread';
      this.#turnOff();
    }
  }
}
