import type { ComponentChildren } from 'preact';
import { told } from '../told.ts';
import type { Tone } from '../tone.ts';
import { agoText, fullText, timeText } from '../time.ts';

export type { Tone } from '../tone.ts';

/** A word in a coloured pill; colour is never all that says it. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge badge-${tone}`}>{children}</span>;
}

/** A titled part of a view. */
export function Card(props: {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="card" aria-label={props.title}>
      <header class="card-head">
        <h2>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** A problem, in the colour of its weight. A bad one is called out by screen readers, unless it `isCalm`: one of many. */
export function Notice(props: {
  readonly tone: Tone;
  readonly isCalm?: boolean;
  readonly children: ComponentChildren;
}) {
  const isAlert = props.tone === 'bad' && props.isCalm !== true;
  return (
    <p class={`notice notice-${props.tone}`} role={isAlert ? 'alert' : undefined}>
      {typeof props.children === 'string' ? told(props.children) : props.children}
    </p>
  );
}

/** Keeps the place of what is on its way, so that nothing jumps when it comes. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <div class="loading" role="status">
      <span class="unseen">Loading {what}…</span>
      <div class="card" />
      <div class="card" />
    </div>
  );
}

/** An instant as people say it, with all of it in its title. */
export function Time({ iso, ago = false }: { readonly iso: string; readonly ago?: boolean }) {
  return (
    <time dateTime={iso} title={fullText(iso)}>
      {ago ? agoText(iso) : timeText(iso)}
    </time>
  );
}

/** Name and value, in a list of such. */
export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
