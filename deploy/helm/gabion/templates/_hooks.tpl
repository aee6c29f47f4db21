{{/*
SPDX-License-Identifier: Apache-2.0
Copyright The Gabion Authors
*/}}

{{/* What `helm uninstall` makes before it deletes, and takes away when it is done; the argument is the order. */}}
{{- define "gabion.uninstallHook" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* What `helm test` makes, and takes away when it passed. */}}
{{- define "gabion.testHook" -}}
helm.sh/hook: test
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}
