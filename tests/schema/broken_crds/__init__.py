"""CRDs with one mistake each: a good one, and changes of it by the rule that they break."""
