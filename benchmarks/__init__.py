"""How fast opgen is, beside controller-gen and kopf, measured on the machine at hand.

`make bench` prints one table. Every ratio is taken between two measurements of the same run, one
after the other. Nothing here is a test: figures depend on the machine.

Start reading at `__main__`.
"""
