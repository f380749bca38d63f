"""`llm-tracing replay`: what is stored, sent on to any endpoint that takes OTLP.

source ──looking──▶ how much there is, and the times where a walk is cut
source ──acknowledged──▶ what was not taken yet ──langsmith_names, shift──▶ delivery ──▶ otlp_http | otlp_grpc
"""
