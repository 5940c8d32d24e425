/** The variable that holds {@link ANSWER_DELAY}. */
export const ANSWER_DELAY_VARIABLE = "TEST_ANSWER_DELAY";

/** By how many milliseconds every answer to the locker, and every event of its watches, comes late in tests. */
export const ANSWER_DELAY = Number(process.env[ANSWER_DELAY_VARIABLE] ?? 0);
