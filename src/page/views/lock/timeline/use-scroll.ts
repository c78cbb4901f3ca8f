import { type RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Span } from './rows.ts';
import { rescaled, type Scale } from './scale.ts';

/** How much of the view a button moves. */
const STEP = 0.8;
/** Where in the view now is at first: what comes is of more use than what was. */
const NOW_AT = 0.35;

interface Scrolling {
  /** What is seen; `null` before the first layout. */
  readonly seen: Span | null;
  readonly earlier: () => void;
  readonly later: () => void;
  readonly toNow: () => void;
}

/** The width of an element, as it is laid out; 0 before. */
export function useWidth(ref: RefObject<HTMLElement>): number {
  const [widthPx, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const watching = new ResizeObserver(() => setWidth(element.clientWidth));
    setWidth(element.clientWidth);
    watching.observe(element);
    return () => watching.disconnect();
  }, []);
  return widthPx;
}

/** Keeps the place of a chart when its scale changes, and moves it by buttons and a mouse. */
export function useScroll(
  ref: RefObject<HTMLElement>,
  scale: Scale,
  viewPx: number,
  nowMs: number,
): Scrolling {
  const spanMs = viewPx / scale.pxPerMs;
  const startOfNow = (): number => nowMs - NOW_AT * spanMs;
  const last = useRef<Span | null>(null);
  const [startMs, setStart] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (ref.current === null || viewPx === 0) return;
    const beginMs = last.current === null ? startOfNow() : rescaled(last.current, spanMs, nowMs);
    ref.current.scrollLeft = (beginMs - scale.edge.fromMs) * scale.pxPerMs;
  }, [scale.edge.fromMs, scale.pxPerMs, viewPx]);
  useEffect(() => {
    const box = ref.current;
    if (box === null || viewPx === 0) return;
    const look = (): void => {
      const start = scale.edge.fromMs + box.scrollLeft / scale.pxPerMs;
      last.current = { fromMs: start, toMs: start + spanMs };
      setStart(start);
    };
    look();
    box.addEventListener('scroll', look, { passive: true });
    return () => box.removeEventListener('scroll', look);
  }, [scale.edge.fromMs, scale.pxPerMs, viewPx]);
  useMouseDrag(ref);
  const move = (by: number) => () => ref.current?.scrollBy({ left: by * viewPx, behavior: 'smooth' });
  return {
    seen: startMs === null ? null : { fromMs: startMs, toMs: startMs + spanMs },
    earlier: move(-STEP),
    later: move(STEP),
    toNow: () =>
      ref.current?.scrollTo({
        left: (startOfNow() - scale.edge.fromMs) * scale.pxPerMs,
        behavior: 'smooth',
      }),
  };
}

/** A finger scrolls by itself; a mouse drags. */
function useMouseDrag(ref: RefObject<HTMLElement>): void {
  useEffect(() => {
    const box = ref.current;
    if (box === null) return;
    const drag = ({ pointerType, buttons, movementX, movementY }: PointerEvent): void => {
      if (pointerType === 'mouse' && buttons === 1) box.scrollBy(-movementX, -movementY);
    };
    box.addEventListener('pointermove', drag);
    return () => box.removeEventListener('pointermove', drag);
  }, []);
}
