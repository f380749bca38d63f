{{- define "hosts" -}}
{{- $name := include "name" . -}}
{{- $own := list $name (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) (printf "%s.%s.svc.cluster.local" $name .Release.Namespace) -}}
{{- if .Values.ingress.enabled }}{{ $own = append $own .Values.ingress.host }}{{ end -}}
{{- concat $own .Values.allowedHosts | join "," -}}
{{- end -}}

{{- define "lgtm" -}}
{{- $lgtm := .Values.lgtm -}}
LLM_TRACING_TEMPO_URL: {{ $lgtm.tempoUrl | quote }}
LLM_TRACING_TEMPO_OTLP_URL: {{ $lgtm.tempoOtlpUrl | quote }}
LLM_TRACING_LOKI_URL: {{ $lgtm.lokiUrl | quote }}
LLM_TRACING_PROMETHEUS_URL: {{ $lgtm.prometheusUrl | quote }}
LLM_TRACING_LGTM_OBJECTS: {{ required "lgtm.objects must name a bucket that all replicas share, such as s3://bucket/llm-tracing" $lgtm.objects | quote }}
{{- range list "TEMPO" "LOKI" "PROMETHEUS" }}
LLM_TRACING_{{ . }}_TENANT: {{ $lgtm.tenant | quote }}
{{- end }}
{{- end -}}

{{- define "pod" -}}
metadata:
  labels: {{- include "labels" . | nindent 4 }}
spec:
  serviceAccountName: {{ include "name" . }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 60
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: server
      image: {{ include "image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- if eq .Values.store "lgtm" }}
      args: [serve, --store, lgtm]
      {{- end }}
      env:
        - {name: LLM_TRACING_HOST, value: 0.0.0.0}
        - {name: LLM_TRACING_DATA, value: /data}
        - {name: LLM_TRACING_ALLOWED_HOSTS, value: {{ include "hosts" . | quote }}}
        - {name: LLM_TRACING_ALLOW_UNAUTHENTICATED, value: {{ .Values.allowUnauthenticated | quote }}}
        {{- $env := .Values.env }}
        {{- if eq .Values.store "lgtm" }}{{ $env = merge (dict) .Values.env .Values.lgtm.env (include "lgtm" . | fromYaml) }}{{ end }}
        {{- range $key, $value := $env }}
        - {name: {{ $key }}, value: {{ $value | quote }}}
        {{- end }}
      {{- with .Values.envFromSecret }}
      envFrom:
        - secretRef: {name: {{ . }}}
      {{- end }}
      ports:
        - {name: http, containerPort: 4318}
        - {name: otlp-grpc, containerPort: 4317}
      # The kubelet calls by the pod's address, which is no name that the server answers to.
      startupProbe:
        httpGet: {path: /healthz, port: http, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 2
        failureThreshold: 90
      readinessProbe:
        httpGet: {path: /readyz, port: http, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 5
      livenessProbe:
        httpGet: {path: /healthz, port: http, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 20
        timeoutSeconds: 10
        failureThreshold: 6
      resources: {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        readOnlyRootFilesystem: true
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
  volumes:
    - name: tmp
      emptyDir: {}
    {{- if eq .Values.store "lgtm" }}
    - name: data
      emptyDir: {}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
