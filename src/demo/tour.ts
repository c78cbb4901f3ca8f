import { SECOND_MS } from '../core/time.ts';
import { NotHeld, pause } from './check.ts';
import type { Stage } from './stage.ts';
import { beginStory, type Story } from './story.ts';
import { STEPS, type Step } from './tour-steps.ts';

/** From the first step to the last; with the start of the house the whole stays below 120 s. */
const TOUR_TIMEOUT_MS = 105 * SECOND_MS;

/** Plays the steps until one does not hold. True only if all did. */
export async function playTour(stage: Stage): Promise<boolean> {
  const ending = new AbortController();
  const story = beginStory(stage, ending.signal);
  const lateAt = performance.now() + TOUR_TIMEOUT_MS;
  let held = 0;
  for (const step of STEPS) {
    if (!(await play(step, story, lateAt - performance.now()))) break;
    held += 1;
  }
  ending.abort();
  stage.view.summary(held, STEPS.length);
  return held === STEPS.length;
}

async function play(step: Step, story: Story, leftMs: number): Promise<boolean> {
  const { title } = step;
  try {
    const checked = await Promise.race([step.play(story), late(leftMs)]);
    story.view.step({ title, held: true, checked });
    return true;
  } catch (error) {
    // A house or a broker that does not answer is a step that did not hold, too.
    const { expected, seen } =
      error instanceof NotHeld ? error : { expected: 'an answer', seen: String(error) };
    story.view.step({ title, held: false, checked: [], expected, seen });
    return false;
  }
}

async function late(leftMs: number): Promise<never> {
  await pause(leftMs);
  throw new NotHeld(`the tour to end within ${TOUR_TIMEOUT_MS / SECOND_MS} s`, 'it was still at this step');
}
