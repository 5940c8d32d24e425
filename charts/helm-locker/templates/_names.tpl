{{/* Name of everything of this release: the release's name, with the chart's where it does not say that already. */}}
{{- define "helm-locker.name" -}}
{{- $name := contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) -}}
{{- $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* What the Deployment knows its Pods by: it can never change. */}}
{{- define "helm-locker.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "helm-locker.labels" -}}
{{ include "helm-locker.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The label that makes a ClusterRole one of what this locker may do to lock objects. */}}
{{- define "helm-locker.trackedLabel" -}}
helmreleases.cattle.io/tracked-by: {{ include "helm-locker.name" . }}
{{- end -}}
