"""The webhooks that the server calls: admission and conversion.

`calls` sends a review and reads the answer, `rules` knows which webhooks a request concerns,
`admission` runs mutating and validating webhooks as kube-apiserver runs them, and `conversion`
converts objects between the versions of a CRD.

Start reading at `opgen.testing.webhooks.admission`.
"""
