import type { CheckUp } from '../../core/finding.ts';

/** `GET /page/doctor`: what a look at the hub and its machine has found. */
export type DoctorAnswer = CheckUp;
