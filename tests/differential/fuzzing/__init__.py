"""Random sequences of requests, played on two servers that must answer alike.

`content` makes documents and patches, `sequences` makes steps of them, `play` sends the steps, and
`normal` takes away what may differ: names of the run, times, uids, versions and addresses.

Start reading at `fuzzing.sequences`.
"""
