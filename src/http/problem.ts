import type { z } from 'zod';
import type { OfflineTimeFrame } from '../wire/offline-time-frame.ts';

/** What was wrong with each parameter, in the form that existing clients read; `_errors` is about the whole. */
export interface ValidationErrors {
  readonly _errors: readonly string[];
  readonly [parameter: string]: readonly string[] | { readonly _errors: readonly string[] };
}

/** A failure that the caller can do something about. It is a value: what throws is a bug and becomes a 500. */
export class ApiProblem {
  readonly status: number;
  /** A word for programs. */
  readonly type: string;
  /** A sentence for a person, never with a PIN in it. */
  readonly message: string;
  readonly validationErrors: ValidationErrors | undefined;
  /** Of an offline code whose window is not taken: the nearest that is. */
  readonly nearest: OfflineTimeFrame | undefined;

  constructor(
    status: number,
    type: string,
    message: string,
    validationErrors?: ValidationErrors,
    nearest?: OfflineTimeFrame,
  ) {
    this.status = status;
    this.type = type;
    this.message = message;
    this.validationErrors = validationErrors;
    this.nearest = nearest;
  }
}

/** 400: one parameter is wrong, or (without its name) what was sent as a whole. */
export function invalidInput(message: string, parameter?: string): ApiProblem {
  const errors: ValidationErrors =
    parameter === undefined ? { _errors: [message] } : { _errors: [], [parameter]: { _errors: [message] } };
  return new ApiProblem(400, 'invalid_input', message, errors);
}

/** 404: there is no such lock, code, event or whatever `what` is. */
export function notFound(what: string): ApiProblem {
  return new ApiProblem(404, `${what}_not_found`, `There is no such ${what.replaceAll('_', ' ')}.`);
}

/** 400 with every mistake that the schema of a route found. */
export function invalidParameters(error: z.ZodError): ApiProblem {
  const whole: string[] = [];
  const byParameter = new Map<string, string[]>();
  for (const { path, message } of error.issues) {
    const [parameter] = path;
    if (parameter === undefined) whole.push(message);
    else byParameter.set(String(parameter), [...(byParameter.get(String(parameter)) ?? []), message]);
  }
  const named = [...byParameter].map(([parameter, messages]) => [parameter, { _errors: messages }] as const);
  const sentences = error.issues.map(({ path: [parameter], message }) => sentence(parameter, message));
  return new ApiProblem(400, 'invalid_input', sentences.join(' '), {
    ...Object.fromEntries(named),
    _errors: whole,
  });
}

function sentence(parameter: PropertyKey | undefined, message: string): string {
  const isNamed = parameter === undefined || message.startsWith(`${String(parameter)}:`);
  return `${isNamed ? '' : `${String(parameter)}: `}${message}${message.endsWith('.') ? '' : '.'}`;
}
