"""Sharing the work between replicas: every key belongs to exactly one of them.

`ring` says which member a key belongs to, given who the members are. Members learn of each other by
Leases, one each, and no two of them ever see the same members at the same moment; `membership` is
the protocol that keeps a key from having two owners all the same. `replica` carries it out.

Start reading at `opgen.runtime.sharding.membership`.
"""
