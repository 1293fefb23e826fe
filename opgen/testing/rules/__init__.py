"""The rules of built-in kinds beyond their schemas, as tables by definition and field.

`checks` is the vocabulary, `walk` applies the tables to an object, and each of the other modules
has the tables of some kinds. What compares an object with the one before, or looks far beyond one
struct, is in the kinds' strategies.

Source: the validation packages of Kubernetes.

Start reading at `opgen.testing.rules.walk`.
"""
