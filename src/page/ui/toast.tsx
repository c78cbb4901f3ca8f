import { signal } from '@preact/signals';

const SHOWN_MS = 8000;
const TOASTS_MAX = 4;

interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed' | 'info';
  readonly text: string;
}

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Says something at the edge of the page for some seconds; a screen reader says it too. */
export function say(kind: Toast['kind'], text: string): void {
  lastId += 1;
  const id = lastId;
  toasts.value = [...toasts.value, { id, kind, text }].slice(-TOASTS_MAX);
  setTimeout(() => (toasts.value = toasts.value.filter((toast) => toast.id !== id)), SHOWN_MS);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, kind, text }) => (
        <p key={id} class={`toast toast-${kind}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
