/** The weight of what is said, and so its colour. */
export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';
