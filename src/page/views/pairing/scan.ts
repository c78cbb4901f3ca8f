/** How often a picture of the camera is read; more would only warm the phone. */
const READ_EVERY_MS = 120;

interface Detector {
  detect(image: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>;
}

interface DetectorKind {
  new (options: { readonly formats: readonly ['qr_code'] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** What reads QR codes: the browser itself where it can, otherwise a library that comes only then. */
async function detector(): Promise<Detector> {
  const ofBrowser = (globalThis as { BarcodeDetector?: DetectorKind }).BarcodeDetector;
  const formats = await ofBrowser?.getSupportedFormats().catch((): readonly string[] => []);
  if (ofBrowser !== undefined && formats?.includes('qr_code') === true) {
    return new ofBrowser({ formats: ['qr_code'] });
  }
  const { BarcodeDetector } = await import('qr/decode.js');
  return new BarcodeDetector({ formats: ['qr_code'] });
}

/** A camera that looks for a QR code until it is stopped. */
export interface Scan {
  /** `null`: this camera has no light that can be switched. */
  readonly setTorch: ((isOn: boolean) => void) | null;
  readonly stop: () => void;
}

/**
 * Shows the camera at the back in `video` and calls back with every text that is read. Rejects with the browser's
 * `DOMException` where the camera is refused or missing.
 */
export async function scan(video: HTMLVideoElement, onText: (text: string) => void): Promise<Scan> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const [track] = stream.getVideoTracks();
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
    for (const one of stream.getTracks()) one.stop();
  };
  try {
    video.srcObject = stream;
    await video.play();
    const reader = await detector();
    const look = async (): Promise<void> => {
      // A picture that can't be read is like one without a code: the next one follows.
      const found = await reader.detect(video).catch(() => []);
      for (const { rawValue } of found) if (!isOver) onText(rawValue);
      if (!isOver) timer = setTimeout(() => void look(), READ_EVERY_MS);
    };
    void look();
  } catch (error) {
    stop();
    throw error;
  }
  const canLight = (track?.getCapabilities?.() as { torch?: boolean } | undefined)?.torch === true;
  const setTorch = (torch: boolean): void =>
    void track?.applyConstraints({ advanced: [{ torch } as MediaTrackConstraintSet] }).catch(() => undefined);
  return { setTorch: canLight ? setTorch : null, stop };
}

/** The text of the QR code on a photo; `null`: none was found. */
export async function readPhoto(photo: Blob): Promise<string | null> {
  try {
    const bitmap = await createImageBitmap(photo);
    const [found] = await (await detector()).detect(bitmap);
    return found?.rawValue ?? null;
  } catch {
    return null;
  }
}
