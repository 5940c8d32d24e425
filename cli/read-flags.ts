import * as z from "zod";
import { canBeNamespace } from "../capabilities/kube/kinds";
import { readSelector } from "../capabilities/policy/selector";
import { UserError } from "./errors";
import { MODES, OUTPUTS } from "./flags";

const NO_NAMESPACE = "that can't be the name of a namespace";

function isSelector(text: string): boolean {
  try {
    if (text !== "") readSelector("", text);
    return true;
  } catch {
    return false;
  }
}

/** Every flag of every verb, as commander reads them. */
const flagsSchema = z.object({
  namespace: z.string().refine(canBeNamespace, NO_NAMESPACE).optional(),
  allNamespaces: z.boolean().default(false),
  context: z.array(z.string()).default([]),
  kubeconfig: z.string().optional(),
  as: z.string().optional(),
  registrationNamespace: z.string().refine(canBeNamespace, NO_NAMESPACE).default("cattle-helm-system"),
  output: z.enum(OUTPUTS).default("table"),
  headers: z.boolean().default(true),
  selector: z
    .string()
    .refine(
      isSelector,
      'no selector: write it as kubectl get -l takes it, as in "team=web,tier in (a, b),!test"',
    )
    .optional(),
  verbose: z.boolean().default(false),
  detailedExitcode: z.boolean().default(false),
  policy: z.boolean().default(true),
  dryRun: z.boolean().default(true),
  showSecrets: z.boolean().default(false),
  serviceAccount: z.string().optional(),
  watch: z.boolean().default(false),
  mode: z.enum(MODES).optional(),
  filename: z.string().optional(),
  for: z.string().optional(),
  forever: z.boolean().default(false),
  reason: z.string().optional(),
  all: z.boolean().default(false),
  withOthers: z.boolean().default(false),
  timeout: z.string().default("60s"),
});

export type Flags = z.infer<typeof flagsSchema>;

/** The flags of a call. @throws UserError */
export function readFlags(options: unknown): Flags {
  const { data, error } = flagsSchema.safeParse(options);
  if (!data)
    throw new UserError(
      error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`).join("; "),
    );
  return data;
}
