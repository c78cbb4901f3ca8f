import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '../../ui/parts.tsx';
import { readPhoto, scan, type Scan } from './scan.ts';

/** Reads a QR code by the camera, or from a photo where the browser gives no live picture. */
export function Camera({ onText }: { readonly onText: (text: string) => void }) {
  const hasLive = isSecureContext && navigator.mediaDevices !== undefined;
  return hasLive ? (
    <LiveCamera onText={onText} />
  ) : (
    <>
      <Notice tone="info">
        A browser shows a live camera only over https or on the hub itself. Take a photo of the code instead,
        or type it.
      </Notice>
      <Photo onText={onText} />
    </>
  );
}

function LiveCamera({ onText }: { readonly onText: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const tell = useRef(onText);
  tell.current = onText;
  const [running, setRunning] = useState<Scan | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isLit, setLit] = useState(false);
  useEffect(() => {
    if (video.current === null) return;
    video.current.scrollIntoView({ block: 'center' });
    let isOver = false;
    let begun: Scan | null = null;
    scan(video.current, (text) => tell.current(text))
      .then((one) => {
        begun = one;
        if (isOver) one.stop();
        else setRunning(one);
      })
      .catch((error: unknown) => !isOver && setProblem(problemOf(error)));
    return () => {
      isOver = true;
      begun?.stop();
    };
  }, []);
  const toggleTorch = (): void => {
    running?.setTorch?.(!isLit);
    setLit(!isLit);
  };
  return (
    <div class="camera">
      {problem === null ? (
        <div class="camera-frame">
          <video ref={video} muted playsInline aria-label="Picture of the camera" />
          <div class="camera-aim" aria-hidden="true" />
        </div>
      ) : (
        <Notice tone="warn">{problem}</Notice>
      )}
      <p class="quiet" role="status">
        {running !== null && 'Hold the QR code of the lock into the frame. It is read by itself.'}
        {running === null &&
          problem === null &&
          'Waiting for the camera. The browser may ask you to allow it.'}
      </p>
      <div class="row">
        {running?.setTorch != null && (
          <button type="button" aria-pressed={isLit} onClick={toggleTorch}>
            Light
          </button>
        )}
        <Photo onText={onText} />
      </div>
    </div>
  );
}

function Photo({ onText }: { readonly onText: (text: string) => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const read = async (photo: File | undefined): Promise<void> => {
    if (photo === undefined) return;
    const text = await readPhoto(photo);
    if (text !== null) onText(text);
    setProblem(text === null ? 'No QR code was found on this photo. Go closer, without a reflection.' : null);
  };
  return (
    <div class="photo">
      <label class="button photo-label">
        Read a photo
        <input
          type="file"
          class="out-of-sight"
          accept="image/*"
          capture="environment"
          onChange={({ currentTarget }) => void read(currentTarget.files?.[0])}
        />
      </label>
      <p class="wrong" role="status">
        {problem}
      </p>
    </div>
  );
}

function problemOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') {
    return 'The browser was told not to use the camera. Allow it in the settings of this page, or type the code.';
  }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') {
    return 'This device has no camera. Type the code instead.';
  }
  return 'The camera does not start; another program may be using it. Type the code instead.';
}
