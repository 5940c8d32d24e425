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

{{- define "helm-locker.image" -}}
{{ printf "%s:%s" (required "image.repository: build the image from the project's Dockerfile, push it, and name it here" .Values.image.repository) (.Values.image.tag | default .Chart.AppVersion) | quote }}
{{- end -}}

{{/* Name of everything that `helm test` makes, the release that it locks included: of those, Helm takes names of up to 53 letters. */}}
{{- define "helm-locker.test.name" -}}
{{- include "helm-locker.name" . | trunc 48 | trimSuffix "-" -}}-test
{{- end -}}

{{/* Of the Pod, too, so that they are not those that Service and Deployment know the locker's Pods by. */}}
{{- define "helm-locker.test.labels" -}}
app.kubernetes.io/name: {{ include "helm-locker.test.name" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* What is deleted after a test, whatever came of it; and before one, in case a test was cut off. */}}
{{- define "helm-locker.test.hook" -}}
helm.sh/hook: test
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
{{- end -}}
