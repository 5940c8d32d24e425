/** A line of the log: what it says, with names in braces, is its key. */
interface LogLine {
  readonly component: string;
  readonly level: "info" | "warn";
  /** What it means, and what to do about it. */
  readonly means: string;
}

/** A failure is tried again, so that its line is a warning once a minute, and a detail in between. */
const failure = (component: string, means: string) => ({ component, level: "warn", means }) as const;

/** Every line of the log. */
export const LOG_LINES = {
  ready: { component: "start", level: "info", means: "Everything that locks need is watched." },
  "waiting for the API of {kind}s": {
    component: "start",
    level: "info",
    means: "The CRD is not served yet; a warning if the locker may not read its objects.",
  },
  "waiting for the store of Pepr's runtime": failure("start", "The CRD of Pepr's store can't be read yet."),
  "can't read a {kind}": failure(
    "start",
    "Something of a kind that the locker follows is not as its CRD says.",
  ),
  "release is {state}": {
    component: "lock",
    level: "info",
    means: "The release's newest record has another status, or the lock has another stance on it.",
  },
  "release is {mode}": {
    component: "lock",
    level: "info",
    means: "The release is locked, suspended, disabled, or only warned of, from now on.",
  },
  "a Helm operation does not end": {
    component: "lock",
    level: "warn",
    means:
      "The release has been pending for too long, and is not locked meanwhile: finish the operation or roll it back.",
  },
  "HelmRelease no longer locks": {
    component: "lock",
    level: "info",
    means: "It was deleted, or names another release; objects stay as they are.",
  },
  reverted: {
    component: "reconciler",
    level: "info",
    means: "A change was undone: where, and who had made it.",
  },
  drifted: {
    component: "reconciler",
    level: "warn",
    means: "What differs is only told of: where, and who has made it.",
  },
  "no longer drifts": {
    component: "reconciler",
    level: "info",
    means: "An object that was told of is right again.",
  },
  "can't put an object right yet": {
    component: "reconciler",
    level: "warn",
    means: "Its problem, when that is another one than before; it is tried again.",
  },
  "left as it is": {
    component: "reconciler",
    level: "warn",
    means: "The object is not put right, and why; a change of it, or of its release, has it looked at again.",
  },
  "right again": { component: "reconciler", level: "info", means: "An object's problem is gone." },
  "left to others": {
    component: "reconciler",
    level: "info",
    means: "Fields that known controllers, or rules of the HelmRelease, keep from the lock.",
  },
  "can't watch {what}: changes are not seen": {
    component: "watch",
    level: "warn",
    means: "A watch has failed for a while; what was missed is found once it works again.",
  },
  "watches {what} again": { component: "watch", level: "info", means: "It works again." },
  "lists {kind} anew: its watch has missed something": {
    component: "resync",
    level: "info",
    means: "A slow comparison found something that no event had told of.",
  },
  "can't compare {kind} with what its watch has shown": failure("resync", "The slow comparison has failed."),
  "labelled owner=helm, but no release record of Helm 3 or 4: ignored": {
    component: "records",
    level: "warn",
    means: "It holds no release, and locks nothing.",
  },
  "more objects labelled owner=helm are no release records: ignored, and not named": {
    component: "records",
    level: "warn",
    means: "A namespace has many of these.",
  },
  "more release records than are remembered: what nobody locks is forgotten": {
    component: "records",
    level: "warn",
    means: "A namespace has a great many release records; locked releases are not affected.",
  },
  "can't read release {release} yet": failure(
    "loader",
    "Its newest record can't be read now; its last state holds.",
  ),
  "can't register HelmRelease {name} yet": failure("registrar", "It does not lock, or locks as before."),
  "HelmRelease {name} is made, as a policy asks for it": {
    component: "policy",
    level: "info",
    means: "A HelmLockerPolicy matches its release, and no HelmRelease made by hand names that.",
  },
  "HelmRelease {name} follows its policy": {
    component: "policy",
    level: "info",
    means:
      "Its policy says something else now, or another policy holds; or somebody had changed what it says.",
  },
  "HelmRelease {name} is deleted, as no policy asks for it any more": {
    component: "policy",
    level: "info",
    means: "No policy matches its release, or a HelmRelease made by hand names that.",
  },
  "can't bring release {release} in line with policies yet": failure(
    "policy",
    "Its HelmRelease is not made, changed or deleted yet; the policy's status says why.",
  ),
  "can't claim HelmLockerPolicy {name}, or write its status": failure("policy", "Its status is old."),
  "can't ask what of release {release} may be written": failure(
    "rights",
    "Missing rights are not told of meanwhile.",
  ),
  "can't find out what {api} serves": failure("kinds", "Kinds of this API are not locked meanwhile."),
  "can't tell the API server of locked releases": failure(
    "admission",
    "It refuses, or warns of, what it was told before; condition Admission says why.",
  ),
  "is the first of the lockers that run": {
    component: "standby",
    level: "info",
    means: "It puts changes right at once, and tells what is known.",
  },
  "stands by: {count} lockers come before it": {
    component: "standby",
    level: "info",
    means: "It puts right what they have not put right 300 ms later, for each of them.",
  },
  "can't take turns with other lockers": failure(
    "standby",
    "Its Lease can't be read or written; while that is refused, it acts as if it were the first.",
  ),
  "can't remember what HelmRelease {name} locks": failure(
    "memory",
    "A locker that starts now would know less of the lock.",
  ),
  "can't recall what HelmRelease {name} locked": failure(
    "memory",
    "What an earlier process knew is read later.",
  ),
  "can't write the status of HelmRelease {name}": failure("report", "Its status is old."),
  "can't write an Event": failure("report", "An Event on a HelmRelease comes late or not at all."),
  "can't write an Event on an object": failure("report", "An Event on an object comes late or not at all."),
  "can't write Events on objects in namespace {namespace}": failure(
    "report",
    "The API server refuses these Events, and they are given up.",
  ),
} as const satisfies Readonly<Record<string, LogLine>>;

export type Line = keyof typeof LOG_LINES;

/** The names that a line has in braces. */
type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** What the names in braces of a line stand for. */
export type Names<Of extends Line> = Readonly<Record<NamesIn<Of>, string>>;

/** What a line says. */
export function lineWords<Of extends Line>(line: Of, names: Names<Of>): string {
  return Object.entries<string>(names).reduce<string>(
    (text, [name, value]) => text.replace(`{${name}}`, () => value),
    line,
  );
}
