import { z } from "zod";
import type { AuditEvent } from "../../hack/clusters/control-plane/audit";
import { History } from "./history";

/** How long a write may come after its phase check, in milliseconds: it may wait one second, and be on its way for another. */
const CHECK_LIFETIME = 2_000;

/** What a locker writes besides tracked objects, and the requests for "who am I?" and "may I?". */
const OWN_RESOURCES = new Set([
  "helmreleases",
  "events",
  "leases",
  "peprstores",
  "selfsubjectreviews",
  "selfsubjectaccessreviews",
]);

/** What a locker and Pepr's controller install. */
const OWN_OBJECTS = [
  "customresourcedefinitions/helmreleases.helm.cattle.io",
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
  metadata: z.object({ uid: z.string().optional(), labels: keys, annotations: keys }),
});
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
 * missing, is too old, or was made while the newest record was not `deployed`; a write under a field manager other than
 * Helm's; a label or annotation that Helm did not write; a deletion of anything but an object that the locker itself
 * has just created.
 *
 * A check counts from when it was sent: an answer that was on its way while Helm stored its record was right.
 */
export function breaches(events: AuditEvent[], user: string): string[] {
  const writes = writesOf(events, user);
  const helms = events.filter(({ userAgent }) => userAgent?.startsWith("Helm/"));
  const histories = new Map<string, History>();
  return writes.flatMap(write => {
    const release = releaseOf(leavesMarks(write) ? (nextOf(write, writes) ?? write) : write);
    const history = histories.get(release) ?? new History(release, events, user);
    histories.set(release, history);
    const found =
      write.verb === "delete"
        ? [deletionBreach(write, writes)]
        : [phaseBreach(write, history), managerBreach(write), marksBreach(write, helms)];
    return found
      .filter(breach => breach !== undefined)
      .map(breach => `${describe(write)} of ${release}: ${breach}`);
  });
}

function isOwn({ objectRef, requestURI }: AuditEvent): boolean {
  return OWN_RESOURCES.has(objectRef?.resource ?? "") || OWN_OBJECTS.some(own => requestURI.includes(own));
}

function phaseBreach(write: AuditEvent, history: History): string | undefined {
  const check = history.checkBefore(write.requestReceivedTimestamp);
  if (!check) return "no phase check came before";
  if (Date.parse(write.requestReceivedTimestamp) - Date.parse(check.answered) > CHECK_LIFETIME) {
    return `its phase check was answered at ${check.answered} already`;
  }
  const phase = history.phaseAt(check.asked);
  return phase === "deployed" ? undefined : `its phase check was made while the newest record was ${phase}`;
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

/** Whether a write only gives fields to Helm, or takes something away: it leaves the object's marks, which may be missing, to the next write. */
function leavesMarks(write: AuditEvent): boolean {
  return (
    takeover.safeParse(write.requestObject).success ||
    metadataOf(write.responseObject)?.annotations[RELEASE_NAME] === undefined
  );
}

function nextOf(write: AuditEvent, writes: AuditEvent[]): AuditEvent | undefined {
  return writes.slice(writes.indexOf(write) + 1).find(later => objectOf(later) === objectOf(write));
}

/** The release ("namespace/name") that an object names as its owner after a write. */
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
