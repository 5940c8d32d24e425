import { z } from "zod";
import type { AuditEvent } from "../../hack/clusters/control-plane/audit";
import { History } from "./history";

/**
 * How long after the answer to its phase check a write may come, in milliseconds: it may wait for one second, or for as long as the answer
 * took, and be on its way for another second.
 */
const PROMPT = 1_000;
const ON_ITS_WAY = 1_000;

/** What a locker writes besides tracked objects, and the requests for "who am I?" and "may I?". */
const OWN_RESOURCES = new Set([
  "helmreleases",
  "helmlockerpolicies",
  "helmreleasememories",
  "releaselocks",
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
  "events",
  "leases",
  "peprstores",
  "selfsubjectreviews",
  "selfsubjectaccessreviews",
]);

/** What a locker and Pepr's controller install. */
const OWN_OBJECTS = [
  "customresourcedefinitions/helmreleases.helm.cattle.io",
  "customresourcedefinitions/helmlockerpolicies.helm.cattle.io",
  "customresourcedefinitions/helmreleasememories.helm.cattle.io",
  "customresourcedefinitions/releaselocks.helm.cattle.io",
  "customresourcedefinitions/peprstores.pepr.dev",
  "namespaces/pepr-system?",
];

const WRITES = new Set(["create", "update", "patch", "delete"]);

const RELEASE_NAME = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE = "meta.helm.sh/release-namespace";

/** The metadata that Helm adds to whatever it applies. */
const OWNERSHIP = ["app.kubernetes.io/managed-by", RELEASE_NAME, RELEASE_NAMESPACE];

const keys = z.record(z.string(), z.unknown()).default({});
const marked = z.object({
  metadata: z.object({
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    labels: keys,
    annotations: keys,
  }),
});

/** The state for which a write is meant: an apply or a merge patch carries it, a JSON patch tests for it. */
const stated = z.union([
  z
    .object({ metadata: z.object({ resourceVersion: z.string() }) })
    .transform(({ metadata }) => metadata.resourceVersion),
  z
    .tuple(
      [
        z.object({
          op: z.literal("test"),
          path: z.literal("/metadata/resourceVersion"),
          value: z.string(),
        }),
      ],
      z.unknown(),
    )
    .transform(([{ value }]) => value),
]);

const deletion = z.object({ preconditions: z.object({ uid: z.string() }) });

const takeover = z.tuple([
  z.object({ op: z.literal("test") }),
  z.object({ op: z.literal("replace"), path: z.literal("/metadata/managedFields") }),
]);

/** The locker's writes to tracked objects that took effect, in order, without dry runs. */
export function writesOf(events: AuditEvent[], user: string): AuditEvent[] {
  return requestsToWrite(events, user).filter(
    ({ requestURI, responseStatus }) =>
      (responseStatus?.code ?? 500) < 300 && !requestURI.includes("dryRun=All"),
  );
}

/** The locker's requests to write tracked objects, in order: dry runs and what was refused included. */
export function requestsToWrite(events: AuditEvent[], user: string): AuditEvent[] {
  return events.filter(event => event.user.username === user && WRITES.has(event.verb) && !isOwn(event));
}

/**
 * How the locker violated Helm's precedence on tracked objects, one sentence each: a write whose phase check is
 * missing, is too old, or was made while the newest record was not `deployed`; a write that carries no state of its
 * object, or one that is younger than the check; a write under a field manager other than Helm's; a label or annotation
 * that Helm did not write; a deletion of anything but an object that the locker itself has just created.
 *
 * A check counts from when it was sent: an answer that was on its way while Helm stored its record was right.
 */
export function breaches(events: AuditEvent[], user: string): string[] {
  const writes = writesOf(events, user);
  const helms = events.filter(({ userAgent }) => userAgent?.startsWith("Helm/"));
  const births = birthsOf(events);
  const histories = new Map<string, History>();
  const historyOf = (release: string): History => {
    const history = histories.get(release) ?? new History(release, events, user);
    histories.set(release, history);
    return history;
  };
  return writes.flatMap(write => {
    const isMarked = !leavesMarks(write) && historyOf(releaseOf(write)).hasRecords;
    const release = releaseOf(isMarked ? write : (nextOf(write, writes) ?? write));
    const history = historyOf(release);
    const found =
      write.verb === "delete"
        ? [deletionBreach(write, writes)]
        : [phaseBreach(write, history, births), managerBreach(write), marksBreach(write, helms)];
    return found
      .filter(breach => breach !== undefined)
      .map(breach => `${describe(write)} of ${release}: ${breach}`);
  });
}

function isOwn({ objectRef, requestURI }: AuditEvent): boolean {
  return OWN_RESOURCES.has(objectRef?.resource ?? "") || OWN_OBJECTS.some(own => requestURI.includes(own));
}

function phaseBreach(write: AuditEvent, history: History, births: Births): string | undefined {
  const check = history.checkBefore(write.requestReceivedTimestamp);
  if (!check) return "no phase check came before";
  const took = Date.parse(check.answered) - Date.parse(check.asked);
  const age = Date.parse(write.requestReceivedTimestamp) - Date.parse(check.answered);
  if (age > Math.max(PROMPT, took) + ON_ITS_WAY)
    return `its phase check was answered at ${check.answered} already`;
  const phase = history.phaseAt(check.asked);
  if (phase !== "deployed") return `its phase check was made while the newest record was ${phase}`;
  return write.responseStatus?.code === 201 ? undefined : stateBreach(write, check.asked, births);
}

/** Helm may have written, after the check, what an update overwrites that carries no state from before the check. */
function stateBreach(write: AuditEvent, asked: string, births: Births): string | undefined {
  const carried = stated.safeParse(write.requestObject).data;
  if (carried === undefined) return "it carries no state of the object";
  const birth = births.get(`${objectOf(write)} ${carried}`);
  return birth !== undefined && birth > asked
    ? `it carries a state that is younger than its phase check, which was made at ${asked}`
    : undefined;
}

/** When the write was sent that made a state of an object, by object and resourceVersion. */
type Births = ReadonlyMap<string, string>;

function birthsOf(events: AuditEvent[]): Births {
  const births = new Map<string, string>();
  for (const event of events) {
    const version = metadataOf(event.responseObject)?.resourceVersion;
    const state = `${objectOf(event)} ${version ?? ""}`;
    const known = births.get(state);
    // Dry runs, and writes that change nothing, answer with a state that was there before.
    if (known === undefined || event.requestReceivedTimestamp < known)
      births.set(state, event.requestReceivedTimestamp);
  }
  return births;
}

function managerBreach({ requestURI }: AuditEvent): string | undefined {
  const manager = new URL(requestURI, "https://localhost").searchParams.get("fieldManager");
  return manager === "helm" ? undefined : `the field manager is ${manager ?? "not given"}`;
}

function marksBreach(write: AuditEvent, helms: AuditEvent[]): string | undefined {
  const ofObject = helms.filter(event => objectOf(event) === objectOf(write));
  const known = new Set([...OWNERSHIP, ...ofObject.flatMap(({ requestObject }) => marksOf(requestObject))]);
  const foreign = marksOf(write.requestObject).filter(key => !known.has(key));
  return foreign.length === 0 ? undefined : `it marks the object with ${foreign.join(", ")}`;
}

function deletionBreach(write: AuditEvent, writes: AuditEvent[]): string | undefined {
  const uid = deletion.safeParse(write.requestObject).data?.preconditions.uid;
  const isOwn = writes.some(
    ({ responseStatus, responseObject }) =>
      responseStatus?.code === 201 && metadataOf(responseObject)?.uid === uid,
  );
  return uid !== undefined && isOwn ? undefined : "it deletes what the locker did not create";
}

/** Whether a write only gives fields to Helm, or takes something away from what has no marks: it leaves them to the next write. */
function leavesMarks(write: AuditEvent): boolean {
  return (
    takeover.safeParse(write.requestObject).success ||
    metadataOf(write.responseObject)?.annotations[RELEASE_NAME] === undefined
  );
}

/** The next write that leaves the object with its marks: several may come before it, where some of them are refused. */
function nextOf(write: AuditEvent, writes: AuditEvent[]): AuditEvent | undefined {
  return writes
    .slice(writes.indexOf(write) + 1)
    .find(later => objectOf(later) === objectOf(write) && !leavesMarks(later));
}

/** The release ("namespace/name") that an object names as its owner after a write; one without records is one that a hand has named. */
function releaseOf({ responseObject }: AuditEvent): string {
  const annotations = metadataOf(responseObject)?.annotations ?? {};
  return `${String(annotations[RELEASE_NAMESPACE])}/${String(annotations[RELEASE_NAME])}`;
}

/** The labels and annotations of an object, by key. */
function marksOf(body: unknown): string[] {
  const { labels = {}, annotations = {} } = metadataOf(body) ?? {};
  return [...Object.keys(labels), ...Object.keys(annotations)];
}

function metadataOf(body: unknown): z.infer<typeof marked>["metadata"] | undefined {
  return marked.safeParse(body).data?.metadata;
}

function objectOf({ objectRef }: AuditEvent): string {
  const { apiGroup = "", resource = "", namespace = "", name = "" } = objectRef ?? {};
  return [apiGroup, resource, namespace, name].join("/");
}

function describe({ verb, requestURI, requestReceivedTimestamp }: AuditEvent): string {
  return `${requestReceivedTimestamp} ${verb} ${requestURI}`;
}
