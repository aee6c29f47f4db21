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

{{/* The operator's settings: environment variable, and the value below `operator` that sets it. tests/settings.py keeps it whole. */}}
{{- define "gabion.settings" -}}
GABION_APP_ARMOR_PROFILE: jobAppArmorProfile
GABION_JOBS_CPU_REQUEST_PERCENT: cpuRequestPercent
GABION_JOBS_IMAGE_DEADLINE_SECONDS: imageDeadlineSeconds
GABION_JOBS_MAX_RUNNING_PER_NAMESPACE: maxRunningJobsPerNamespace
GABION_JOBS_NODE_LOST_SECONDS: nodeLostSeconds
GABION_JOBS_RECHECK_SECONDS: recheckSeconds
GABION_JOBS_RUNNER_CPU: runnerCpu
GABION_JOBS_RUNNER_MEMORY: runnerMemory
GABION_JOBS_RUN_MARGIN_SECONDS: runMarginSeconds
GABION_JOBS_SECCOMP_PROFILE: jobSeccompProfile
GABION_JOBS_START_DEADLINE_SECONDS: startDeadlineSeconds
GABION_JOBS_TERMINATION_GRACE_SECONDS: terminationGraceSeconds
{{- end }}

{{/* Two entries of one name in a container's environment are accepted, and one of them is silently lost. */}}
{{- define "gabion.checkExtraEnv" -}}
{{- $settings := merge (dict "QUARKUS_LOG_LEVEL" "logLevel") (include "gabion.settings" . | fromYaml) }}
{{- range .Values.operator.extraEnv }}
{{- if hasKey $settings .name }}
{{- fail (printf "operator.extraEnv: %s has a value of its own, operator.%s" .name (get $settings .name)) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The API server's addresses with their ports, as a list of {"cidrs": [...], "ports": [...]}. Discovered: the service, which
some network plugins judge a packet by, and what stands behind it, which others do.
*/}}
{{- define "gabion.apiServer" -}}
{{- $policy := .Values.operator.networkPolicy }}
{{- $found := list }}
{{- if eq $policy.apiServer "Discovered" }}
{{- $slices := (lookup "discovery.k8s.io/v1" "EndpointSlice" "default" "").items | default list }}
{{- range $slices }}
{{- if eq (dig "labels" "kubernetes.io/service-name" "" .metadata) "kubernetes" }}
{{- $length := ternary 128 32 (eq .addressType "IPv6") }}
{{- $cidrs := list }}
{{- range .endpoints }}{{ range .addresses }}{{ $cidrs = append $cidrs (printf "%s/%d" . $length) }}{{ end }}{{ end }}
{{- $ports := list }}
{{- range .ports }}{{ $ports = append $ports .port }}{{ end }}
{{- if and $cidrs $ports }}{{ $found = append $found (dict "cidrs" (sortAlpha $cidrs) "ports" $ports) }}{{ end }}
{{- end }}
{{- end }}
{{- if not $found }}
{{- fail "operator.networkPolicy.apiServer is Discovered, and helm sees no endpoints of default/kubernetes (helm template asks no cluster unless told --dry-run=server): set it to Listed and apiServerCidrs, or to Any" }}
{{- end }}
{{- $service := lookup "v1" "Service" "default" "kubernetes" }}
{{- if $service }}
{{- $cidrs := list }}
{{- range $service.spec.clusterIPs }}{{ $cidrs = append $cidrs (printf "%s/%d" . (ternary 128 32 (contains ":" .))) }}{{ end }}
{{- $ports := list }}
{{- range $service.spec.ports }}{{ $ports = append $ports .port }}{{ end }}
{{- if and $cidrs $ports }}{{ $found = append $found (dict "cidrs" $cidrs "ports" $ports) }}{{ end }}
{{- end }}
{{- else if eq $policy.apiServer "Listed" }}
{{- if not $policy.apiServerCidrs }}
{{- fail "operator.networkPolicy.apiServer is Listed, and apiServerCidrs names no address range" }}
{{- end }}
{{- $found = append $found (dict "cidrs" $policy.apiServerCidrs "ports" $policy.apiServerPorts) }}
{{- else }}
{{- $found = append $found (dict "cidrs" list "ports" $policy.apiServerPorts) }}
{{- end }}
{{- $found | toJson }}
{{- end }}
