import type { Body } from "../../../hack/lib/objects";
import type { Chart } from "../chart";

/** A manual change of an object. */
export interface HandChange {
  /** A JSON merge patch, whose content depends on the number. If absent, the object is deleted. */
  patch?: (number: number) => Body;
  /** Whether the change makes helm itself fail, with or without a locker, so that it has to be reverted before helm runs. */
  upsetsHelm?: boolean;
}

/** An object of every release, and the manual changes to it. */
export interface Subject {
  /** The part of the object's name after the release's name. */
  name: string;
  kind: string;
  apiVersion: string;
  plural: string;
  /** Without its metadata, which is a name and labels. */
  template: Body;
  /** Fields that may be ignored, as an ignore rule names them. */
  ignorable?: readonly string[];
  changes: Record<string, HandChange>;
}

const color = "{{ .Values.color }}";
const container = { name: "web", image: `web:${color}`, env: [{ name: "COLOR", value: color }] };

const deletion: HandChange = {};

const labelled: Record<string, HandChange> = {
  relabelled: { patch: number => ({ metadata: { labels: { color: `hand-${number}` } } }) },
  unmanaged: { patch: () => ({ metadata: { labels: { "app.kubernetes.io/managed-by": null } } }) },
  managedByOthers: {
    patch: number => ({ metadata: { labels: { "app.kubernetes.io/managed-by": `hand-${number}` } } }),
  },
  disowned: { patch: () => ({ metadata: { annotations: named(null, null) } }), upsetsHelm: true },
  renamed: {
    patch: number => ({ metadata: { annotations: named(`hand-${number}`, "default") } }),
    upsetsHelm: true,
  },
  kept: {
    patch: () => ({ metadata: { annotations: { "helm.sh/resource-policy": "keep" } } }),
    upsetsHelm: true,
  },
};

const settings: Subject = {
  name: "settings",
  kind: "ConfigMap",
  apiVersion: "v1",
  plural: "configmaps",
  template: { data: { color, size: "small" } },
  ignorable: ["/data/color"],
  changes: {
    edited: { patch: number => ({ data: { color: `hand-${number}` } }) },
    added: { patch: number => ({ data: { extra: `hand-${number}` } }) },
    mixed: { patch: number => ({ data: { color: `hand-${number}`, extra: `hand-${number}`, size: null } }) },
    deleted: deletion,
    ...labelled,
  },
};

const login: Subject = {
  name: "login",
  kind: "Secret",
  apiVersion: "v1",
  plural: "secrets",
  template: { stringData: { user: color, password: "x" } },
  changes: {
    edited: { patch: number => ({ stringData: { password: `hand-${number}` } }) },
    added: { patch: number => ({ stringData: { extra: `hand-${number}` } }) },
    emptied: { patch: () => ({ data: null }) },
    deleted: deletion,
    ...labelled,
  },
};

const front: Subject = {
  name: "front",
  kind: "Service",
  apiVersion: "v1",
  plural: "services",
  template: {
    spec: {
      selector: { color },
      ports: [
        { name: "http", port: 80 },
        { name: "admin", port: 90, targetPort: "admin" },
      ],
    },
  },
  changes: {
    edited: { patch: number => ({ spec: { selector: { color: `hand-${number}` } } }) },
    added: { patch: number => ({ spec: { externalIPs: [`192.0.2.${number % 250}`] } }) },
    portAdded: {
      patch: number => ({
        spec: {
          ports: [
            { name: "http", port: 80 },
            { name: "admin", port: 90 },
            { name: "extra", port: 1000 + number },
          ],
        },
      }),
    },
    portRemoved: {
      patch: number => ({ spec: { ports: [{ name: "http", port: 80, targetPort: 1000 + number }] } }),
    },
    // Helm merges ports by number: it would keep the changed port, and add its own with the same name.
    portChanged: {
      patch: number => ({ spec: { ports: [{ name: "http", port: 1000 + number }] } }),
      upsetsHelm: true,
    },
    deleted: deletion,
    ...labelled,
  },
};

const worker: Subject = {
  name: "worker",
  kind: "Deployment",
  apiVersion: "apps/v1",
  plural: "deployments",
  template: {
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "worker" } },
      template: {
        metadata: { labels: { app: "worker" } },
        spec: { containers: [{ ...container, resources: { limits: { cpu: "1000m" } } }] },
      },
    },
  },
  ignorable: ["/spec/replicas", "/spec/template/spec/containers/[name=web]/image"],
  changes: {
    scaled: { patch: number => ({ spec: { replicas: 2 + number } }) },
    edited: { patch: number => containers({ name: "web", image: `hand:${number}` }) },
    added: { patch: number => pod({ nodeSelector: { disk: `hand-${number}` } }) },
    renamed: { patch: number => containers({ name: "other", image: `hand:${number}` }) },
    joined: {
      patch: number =>
        containers({ name: "web", image: "web:blue" }, { name: "sidecar", image: `hand:${number}` }),
    },
    deleted: deletion,
    ...labelled,
  },
};

const access: Subject = {
  name: "access",
  kind: "Role",
  apiVersion: "rbac.authorization.k8s.io/v1",
  plural: "roles",
  template: {
    rules: [{ apiGroups: [""], resources: ["configmaps"], resourceNames: [color], verbs: ["get"] }],
  },
  changes: {
    edited: { patch: number => ({ rules: [rule(`hand-${number}`)] }) },
    added: { patch: number => ({ rules: [rule("blue"), rule(`hand-${number}`)] }) },
    deleted: deletion,
    ...labelled,
  },
};

/** In a release only if its values say so. */
const page: Subject = { ...settings, name: "page" };

export const subjects: readonly Subject[] = [settings, login, front, worker, access, page];

/** Helm's own checks accept it, but the API server refuses it. */
const refused = { ...front, name: "refused", template: { spec: { ports: [{ port: 70_000 }] } } };

/** The chart of every release. Values: color; `isLarge` adds the page; `isRefused` makes Helm fail half-way through. */
export const chart: Chart = {
  values: { color: "blue", isLarge: false, isRefused: false },
  templates: {
    ...Object.fromEntries(subjects.map(subject => [subject.name, document(subject)])),
    page: onlyIf("isLarge", page),
    refused: onlyIf("isRefused", refused),
  },
};

/** The API server's answer to `isRefused`. */
export const REFUSAL = /70000/;

function named(release: string | null, namespace: string | null): Body {
  return { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace };
}

function document({ name, apiVersion, kind, template }: Omit<Subject, "changes">): Body {
  return {
    apiVersion,
    kind,
    ...template,
    metadata: { name: `{{ .Release.Name }}-${name}`, labels: { color, release: "{{ .Release.Name }}" } },
  };
}

function onlyIf(value: string, subject: Omit<Subject, "changes">): string {
  return `{{ if .Values.${value} }}${JSON.stringify(document(subject))}{{ end }}`;
}

function pod(spec: Body): Body {
  return { spec: { template: { spec } } };
}

function containers(...list: Body[]): Body {
  return pod({ containers: list });
}

function rule(resourceName: string): Body {
  return {
    apiGroups: [""],
    resources: ["configmaps"],
    resourceNames: [resourceName],
    verbs: ["get", "list"],
  };
}
