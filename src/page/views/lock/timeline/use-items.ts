import { type RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

const GAP_PX = 8;

/**
 * Makes the items of a chart (`data-item`) tell their label on hover, focus and tap, and the arrow keys go from one to
 * the other: left and right in its row, up and down to the nearest of another row. All of them are one stop of Tab.
 */
export function useItems(chart: RefObject<HTMLElement>, tip: RefObject<HTMLElement>): void {
  useEffect(() => {
    const box = chart.current;
    const sign = tip.current;
    if (box === null || sign === null) return;
    const show = (event: Event): void => {
      const item = itemOf(event);
      if (item === null) sign.hidden = true;
      else place(sign, item, event instanceof MouseEvent ? event.clientX : null);
    };
    const hide = (): void => {
      sign.hidden = true;
    };
    // A chart that scrolls to what was focused or tapped must not take its label away.
    const follow = (): void => {
      const { activeElement } = document;
      if (activeElement instanceof SVGElement && box.contains(activeElement))
        place(sign, activeElement, null);
      else hide();
    };
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') hide();
      const item = itemOf(event);
      const next = item === null ? null : neighbour(box, item, event.key);
      if (item === null || next === null) return;
      event.preventDefault();
      item.setAttribute('tabindex', '-1');
      next.setAttribute('tabindex', '0');
      next.focus();
    };
    const listened = [
      ['pointerover', show],
      ['click', show],
      ['focusin', show],
      ['pointerleave', hide],
      ['focusout', hide],
      ['scroll', follow],
      ['keydown', press as (event: Event) => void],
    ] as const;
    for (const [name, listener] of listened) box.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of listened) box.removeEventListener(name, listener);
    };
  }, []);
  useEffect(() => {
    const items = chart.current?.querySelectorAll<SVGElement>('[data-item]') ?? [];
    if (![...items].some((item) => item.tabIndex === 0)) items[0]?.setAttribute('tabindex', '0');
  });
}

function itemOf({ target }: Event): SVGElement | null {
  return target instanceof Element ? target.closest<SVGElement>('[data-item]') : null;
}

/** Puts the sign under an item, near the pointer where there is one, inside of the chart's frame. */
function place(sign: HTMLElement, item: SVGElement, pointerX: number | null): void {
  const frame = sign.parentElement?.getBoundingClientRect();
  if (frame === undefined) return;
  sign.textContent = item.getAttribute('aria-label');
  sign.hidden = false;
  const rect = item.getBoundingClientRect();
  const seenLeft = Math.max(rect.left, frame.left);
  const x = (pointerX ?? (seenLeft + Math.min(rect.right, frame.right)) / 2) - frame.left;
  const left = Math.max(0, Math.min(x - sign.offsetWidth / 2, frame.width - sign.offsetWidth));
  const below = rect.bottom - frame.top + GAP_PX;
  const isRoom = rect.bottom + sign.offsetHeight + GAP_PX < window.innerHeight;
  const top = isRoom ? below : rect.top - frame.top - sign.offsetHeight - GAP_PX;
  sign.style.left = `${left}px`;
  sign.style.top = `${top}px`;
}

function neighbour(box: HTMLElement, item: SVGElement, key: string): SVGElement | null {
  const rows = [...box.querySelectorAll('[role=group]')]
    .map((row) => byLeft([...row.querySelectorAll<SVGElement>('[data-item]')]))
    .filter((items) => items.length > 0);
  const at = rows.findIndex((items) => items.includes(item));
  const row = rows[at] ?? [];
  switch (key) {
    case 'ArrowRight':
      return row[row.indexOf(item) + 1] ?? null;
    case 'ArrowLeft':
      return row[row.indexOf(item) - 1] ?? null;
    case 'ArrowDown':
      return nearest(rows[at + 1] ?? [], item);
    case 'ArrowUp':
      return nearest(rows[at - 1] ?? [], item);
    default:
      return null;
  }
}

function byLeft(items: SVGElement[]): SVGElement[] {
  return [...items].sort((a, b) => leftOf(a) - leftOf(b));
}

function nearest(items: readonly SVGElement[], to: SVGElement): SVGElement | null {
  const distance = (item: SVGElement): number => Math.abs(leftOf(item) - leftOf(to));
  return [...items].sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

function leftOf(item: SVGElement): number {
  return item.getBoundingClientRect().left;
}
