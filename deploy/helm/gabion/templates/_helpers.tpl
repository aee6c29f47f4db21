{{/*
SPDX-License-Identifier: Apache-2.0
Copyright The Gabion Authors
*/}}

{{- define "gabion.labels" -}}
app.kubernetes.io/name: gabion
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* Labels that never change: a Deployment's selector is immutable. */}}
{{- define "gabion.selector" -}}
app.kubernetes.io/name: gabion
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "gabion.operatorImage" -}}
{{ .Values.image.registry }}/operator:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{- define "gabion.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The namespaces in which the operator may get a Secret by name. */}}
{{- define "gabion.secretNamespaces" -}}
{{- $names := .Values.access.secretSourceNamespaces }}
{{- if .Values.jobNamespace.create }}
{{- $names = prepend $names .Values.jobNamespace.name }}
{{- end }}
{{- $names | uniq | toJson }}
{{- end }}
