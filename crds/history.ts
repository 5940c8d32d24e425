import * as z from "zod";

/** What happened to an object. */
export const happenings = ["Edited", "Deleted", "Added"] as const;

/** What was done about it. */
export const actions = ["Reverted", "Warned", "Blocked"] as const;

const text = (description: string) => z.string().nullish().describe(description);
const integer = (description: string) => z.number().nullish().meta({ type: "integer", description });
const texts = (description: string) => z.array(z.string()).nullish().describe(description);

const valueSchema = z.object({
  field: text("JSON Pointer to the field."),
  chart: text("What the chart says, as text or JSON, cut where it is long; absent where it says nothing."),
  live: text("What the object had instead; absent where it had nothing."),
});

const entrySchema = z.object({
  time: z.string().nullish().meta({ format: "date-time", description: "When that was, the last time." }),
  count: integer("How often the same has happened."),
  object: text('Kind, namespace and name of the object: "ConfigMap demo/shop".'),
  operation: text(`What happened to it: ${happenings.join(", ")}.`),
  fields: texts("Where it differed: JSON Pointers, at most 10. None of them with recordDiff None."),
  by: texts("Who had changed it: field managers, at most 5, by names of their own choice."),
  action: text(`What was done about it: ${actions.join(", ")}.`),
  tookMs: integer("Milliseconds from when the locker saw the change to the answer to its write."),
  values: z
    .array(valueSchema)
    .nullish()
    .describe("The fields' values, with recordDiff Values only; never those of a Secret."),
});

/** The newest changes that Helm did not make, in `status.history`. */
export const historySchema = z
  .array(entrySchema)
  .nullish()
  .describe("The last 20 changes that Helm did not make, newest first. The same again raises count.");

export type HistoryStatus = NonNullable<z.infer<typeof historySchema>>;
