/** Safe mode ends after this, unless it is told otherwise, and the ordinary hub is tried again. */
export const SAFE_MODE_MINUTES = 15;

/** How a process ends whose safe mode is over; `lockhub-safe.service` starts the ordinary hub then. */
export const EXIT_TRY_AGAIN = 75;
