import { z } from "zod";
import type { AuditEvent } from "../../hack/clusters/control-plane/audit";

const RECORD = /^sh\.helm\.release\.v1\.(?<release>.+)\.v(?<revision>\d+)$/;

/** Where Helm's storage drivers keep records. */
const RECORD_RESOURCES = new Set(["secrets", "configmaps"]);

const recordLabels = z.object({ metadata: z.object({ labels: z.object({ status: z.string() }) }) });

/** One request about a release record. */
interface RecordRequest {
  /** Of the storage driver: "secrets" or "configmaps". */
  resource: string;
  revision: number;
  code: number;
  /** The record's label after a write; "gone" after a deletion. */
  status: string;
  asked: string;
  answered: string;
}

/** The two reads with which the locker made sure that a revision is the newest. */
export interface PhaseCheck {
  /** When the first read was sent, in the audit log's time format. */
  asked: string;
  /** When the last read was answered. */
  answered: string;
}

/** What happened to one release's records: written by Helm, read by the locker. */
export class History {
  readonly #reads: RecordRequest[];
  /** Each write that made a record the newest, or changed the newest. */
  readonly #phases: RecordRequest[] = [];

  /**
   * @param release "namespace/name"
   * @param events the audit log
   * @param user the locker's
   */
  constructor(release: string, events: AuditEvent[], user: string) {
    const own = events.filter(event => recordOf(event)?.release === release);
    this.#reads = own.filter(event => event.user.username === user && event.verb === "get").map(toRequest);
    const records = new Map<string, RecordRequest>();
    for (const write of own.filter(({ verb }) => verb !== "get" && verb !== "watch").map(toRequest)) {
      const { resource, revision, status, code } = write;
      // Something with a record's name but without a status is no record.
      if (code >= 300 || status === "") continue;
      if (status === "gone") records.delete(`${resource}/${revision}`);
      else records.set(`${resource}/${revision}`, write);
      const newest = newestOf(records.values());
      if (!newest || revision >= newest.revision)
        this.#phases.push({ ...write, status: newest?.status ?? "gone" });
    }
  }

  /** Whether there ever was one. */
  get hasRecords(): boolean {
    return this.#phases.length > 0;
  }

  /**
   * The status of the newest record at a time. A write of `deployed` that is under way counts as done: a watch may have
   * shown it before the writer got its answer.
   */
  phaseAt(time: string): string {
    const done = this.#phases.filter(({ answered }) => answered < time).at(-1);
    const underWay = this.#phases.find(({ asked, answered }) => asked < time && time <= answered);
    return underWay?.status === "deployed" ? "deployed" : (done?.status ?? "gone");
  }

  /** The last check before a time that found a newest revision: vN existed in a driver, and vN+1 did not. */
  checkBefore(time: string): PhaseCheck | undefined {
    const reads = this.#reads.filter(({ answered }) => answered < time).reverse();
    const checks = reads
      .filter(({ code }) => code === 404)
      .flatMap(absent => {
        const present = reads.find(
          ({ code, revision, resource }) =>
            code === 200 && revision === absent.revision - 1 && resource === absent.resource,
        );
        if (!present) return [];
        const [first, second] = present.asked < absent.asked ? [present, absent] : [absent, present];
        const answered = first.answered > second.answered ? first.answered : second.answered;
        return [{ asked: first.asked, answered }];
      });
    return checks.reduce<PhaseCheck | undefined>(
      (last, check) => (last && last.asked >= check.asked ? last : check),
      undefined,
    );
  }
}

function newestOf(records: Iterable<RecordRequest>): RecordRequest | undefined {
  return [...records].reduce<RecordRequest | undefined>(
    (newest, record) => (newest && newest.revision > record.revision ? newest : record),
    undefined,
  );
}

/** The release ("namespace/name") and revision whose record a request is about, if any, and where that record is. */
function recordOf({
  objectRef,
}: AuditEvent): { resource: string; release: string; revision: number } | undefined {
  const { release, revision } = RECORD.exec(objectRef?.name ?? "")?.groups ?? {};
  if (release === undefined || !objectRef || !RECORD_RESOURCES.has(objectRef.resource)) return undefined;
  const { resource } = objectRef;
  return { resource, release: `${objectRef.namespace ?? ""}/${release}`, revision: Number(revision) };
}

function toRequest(event: AuditEvent): RecordRequest {
  const { metadata } = recordLabels.safeParse(event.responseObject).data ?? {};
  return {
    ...(recordOf(event) ?? { resource: "", revision: 0 }),
    code: event.responseStatus?.code ?? 0,
    status: event.verb === "delete" ? "gone" : (metadata?.labels.status ?? ""),
    asked: event.requestReceivedTimestamp,
    answered: event.stageTimestamp,
  };
}
