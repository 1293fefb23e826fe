"""Webhooks, served by the same process as the controllers.

`admission` answers AdmissionReviews and `conversion` ConversionReviews, both plain functions from
document to document; `routes` knows which path leads to which; `server` speaks HTTPS with the
certificate that is mounted into the pod.

Start reading at `opgen.runtime.webhooks.routes`.
"""
