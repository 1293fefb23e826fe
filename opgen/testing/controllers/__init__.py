"""The server's own controllers: what the rest of a control plane does in a real cluster.

Each is called with every change and brings the affected objects into the state that they ask for.
They are level-triggered like any controller: a change only says which object to look at.

Start reading at `opgen.testing.controllers.loop`.
"""
